// SPDX-License-Identifier: MIT
#include "sampler/unwind/blocked_walker.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "sampler/unwind/dwarf.h"
#include "sampler/unwind/fde_search.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/return_address.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kWord = 8;
constexpr uintptr_t kPltEntryMask = 15;
constexpr size_t kMaxSteps = 16384;
/// How far above the stack pointer a frame of unknown size is searched for.
constexpr uintptr_t kSearchBytes = uintptr_t{32} << 10;

// From DWARF's register numbers to those of mcontext_t.
constexpr int kGregs[dwarf::kGeneralRegisters] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

class BlockedWalker {
 public:
  enum class Step { kCaller, kRoot, kLost };

  BlockedWalker(uintptr_t pc, uintptr_t sp, StackCopy* stack)
      : generation_(CurrentGeneration()), stack_(stack), pc_(pc), sp_(sp) {}

  [[nodiscard]] uintptr_t pc() const { return interrupted_ ? pc_ : pc_ - 1; }
  [[nodiscard]] uint32_t guessed() const { return guessed_; }

  Step Next() {
    const ModuleTable* module = ModuleOf(pc());
    if (module == nullptr) return FollowFramePointer();
    const Rule rule = module->Find(pc());
    switch (rule.kind()) {
      case RuleKind::kSp:
        return Return(sp_ + kWord * rule.operand(), rule.slot());
      case RuleKind::kFp:
        if (!knows_fp_) return SearchFrame(*module, rule);
        return Return(fp_ + kWord * rule.operand(), rule.slot());
      case RuleKind::kPlt:
        return Return(sp_ + ((pc() & kPltEntryMask) >= rule.operand() ? 2 * kWord : kWord), 0);
      case RuleKind::kFpDeref:
        return ApplyRealigned(rule.slot());
      case RuleKind::kSide:
        return ApplySide(generation_->side_rules[rule.operand()]);
      case RuleKind::kSignalFrame:
        return ApplySignalFrame(sp_ + kWord * rule.operand());
      case RuleKind::kRoot:
        return Step::kRoot;
      default:
        return rule.Is(NoRule::kGap) ? TakeTopOfStack() : Step::kLost;
    }
  }

 private:
  [[nodiscard]] const ModuleTable* ModuleOf(uintptr_t pc) const {
    return generation_ == nullptr ? nullptr : generation_->FindModule(pc);
  }

  Step Return(uintptr_t cfa, uint32_t slot) {
    uint64_t pc = 0;
    uint64_t fp = 0;
    if (cfa <= sp_ || !stack_->Load(cfa - kWord, &pc)) return Step::kLost;
    if (slot != 0 && !stack_->Load(cfa - kWord * slot, &fp)) return Step::kLost;
    if (slot != 0) SetFp(fp);
    if (pc == 0) return Step::kRoot;
    pc_ = pc;
    sp_ = cfa;
    interrupted_ = false;
    registers_.reset();
    return Step::kCaller;
  }

  Step ReturnWithFp(uintptr_t cfa, uintptr_t fp_at) {
    uint64_t fp = 0;
    if (!stack_->Load(fp_at, &fp)) return Step::kLost;
    const Step step = Return(cfa, 0);
    SetFp(fp);
    return step;
  }

  Step ApplyRealigned(uint32_t slot) {
    uint64_t cfa = 0;
    if (!knows_fp_ || !stack_->Load(fp_ - kWord * slot, &cfa)) return Step::kLost;
    return ReturnWithFp(cfa, fp_);
  }

  Step ApplySide(const SideRule& side) {
    std::optional<uintptr_t> base = Register(side.reg);
    if (!base) return Step::kLost;
    uintptr_t cfa = *base + Signed(side.cfa_offset);
    if (side.deref) {
      if (!stack_->Load(cfa, &cfa)) return Step::kLost;
      cfa += Signed(side.deref_add);
    }
    switch (side.fp) {
      case SideRule::Fp::kAtCfa:
        return ReturnWithFp(cfa, cfa + Signed(side.fp_offset));
      case SideRule::Fp::kAtFp:
        if (!knows_fp_) return Step::kLost;
        // See Unwinder::SavedFp().
        if (fp_ >= sp_ && fp_ < cfa) return ReturnWithFp(cfa, fp_ + Signed(side.fp_offset));
        return Return(cfa, 0);
      default:
        return Return(cfa, 0);
    }
  }

  [[nodiscard]] std::optional<uintptr_t> Register(uint8_t reg) const {
    if (reg == dwarf::kSp) return sp_;
    if (reg == dwarf::kFp && knows_fp_) return fp_;
    if (!registers_) return {};
    return (*registers_)[static_cast<size_t>(kGregs[reg])];
  }

  Step ApplySignalFrame(uintptr_t context) {
    std::array<uint64_t, NGREG> registers{};
    const uintptr_t first = context + offsetof(ucontext_t, uc_mcontext.gregs);
    if (!stack_->Read(first, registers.data(), sizeof registers)) return Step::kLost;
    pc_ = registers[REG_RIP];
    sp_ = registers[REG_RSP];
    SetFp(registers[REG_RBP]);
    registers_ = registers;
    interrupted_ = true;
    return Step::kCaller;
  }

  // Generated code: by custom a keeper of frame pointers.
  Step FollowFramePointer() {
    uint64_t caller = 0;
    if (!knows_fp_ || fp_ < sp_ || !stack_->Load(fp_ + kWord, &caller)) return Step::kLost;
    if (ModuleOf(caller - 1) == nullptr) return Step::kLost;
    ++guessed_;
    return ReturnWithFp(fp_ + 2 * kWord, fp_);
  }

  // Assembly without unwind information around its system call.
  Step TakeTopOfStack() {
    uint64_t top = 0;
    CallSite call;
    if (!interrupted_ || !stack_->Load(sp_, &top) || !ReadCall(top, &call)) return Step::kLost;
    ++guessed_;
    return Return(sp_ + kWord, 0);
  }

  struct CallSite {
    const ModuleTable* module = nullptr;
    uintptr_t target = 0;  // 0 = the call is indirect
  };

  // False when no call leads to `address`.
  bool ReadCall(uintptr_t address, CallSite* call) const {
    constexpr size_t kDirectCallBytes = 5;
    constexpr uint8_t kDirectCall = 0xe8;
    call->module = ModuleOf(address - 1);
    uint8_t code[kMaxCallBytes];
    if (call->module == nullptr || !stack_->Read(address - sizeof code, code, sizeof code)) {
      return false;
    }
    if (!EndsInCall(code)) return false;
    const uint8_t* direct = code + sizeof code - kDirectCallBytes;
    int32_t distance = 0;
    std::memcpy(&distance, direct + 1, sizeof distance);
    call->target = *direct == kDirectCall ? address + Signed(distance) : 0;
    return true;
  }

  // What a PLT entry jumps to; 0 when `entry` is none.
  [[nodiscard]] uintptr_t PltTarget(uintptr_t entry) const {
    constexpr uint8_t kMarker[] = {0xf3, 0x0f, 0x1e, 0xfa};  // endbr64
    constexpr uint8_t kBound = 0xf2;
    constexpr uint8_t kJump[] = {0xff, 0x25};  // jmp *distance(%rip)
    uint8_t code[sizeof kMarker + 1 + sizeof kJump + sizeof(int32_t)];
    if (!stack_->Read(entry, code, sizeof code)) return 0;
    size_t at = std::memcmp(code, kMarker, sizeof kMarker) == 0 ? sizeof kMarker : 0;
    if (code[at] == kBound) ++at;
    if (std::memcmp(code + at, kJump, sizeof kJump) != 0) return 0;
    int32_t distance = 0;
    std::memcpy(&distance, code + at + sizeof kJump, sizeof distance);
    const uintptr_t next = entry + at + sizeof kJump + sizeof distance;
    uintptr_t target = 0;
    return stack_->Read(next + Signed(distance), &target, sizeof target) ? target : 0;
  }

  // Of an indirect call nobody knows where it led. What earlier calls have left in the frame of
  // `function` looks like a frame, too, and leads back into `function`.
  [[nodiscard]] bool Completes(uintptr_t cfa, uint32_t slot, const FdeRange& function) const {
    constexpr int kMostSteps = 256;
    BlockedWalker trial = *this;
    trial.on_trial_ = true;
    Step step = trial.Return(cfa, slot);
    for (int i = 0; i < kMostSteps && step == Step::kCaller; ++i) {
      if (function.Holds(trial.pc())) return false;
      step = trial.Next();
    }
    return step == Step::kRoot;
  }

  // A frame that ends at `cfa` and returns to `address`.
  [[nodiscard]] bool IsFrame(uintptr_t cfa, uintptr_t address, uint32_t slot,
                             const FdeRange& function) const {
    CallSite call;
    if (!ReadCall(address, &call)) return false;
    if (call.target == 0) return Completes(cfa, slot, function);
    return call.target == function.begin || PltTarget(call.target) == function.begin;
  }

  Step SearchFrame(const ModuleTable& module, Rule rule) {
    if (on_trial_ || rule.slot() == 0) return Step::kLost;
    const std::optional<FdeRange> function = FindFde(*stack_, module.header, pc());
    if (!function) return Step::kLost;
    const uintptr_t first = sp_ + kWord * std::max(rule.operand(), rule.slot());
    for (uintptr_t cfa = first; cfa < first + kSearchBytes; cfa += kWord) {
      uint64_t address = 0;
      if (!stack_->Load(cfa - kWord, &address)) return Step::kLost;
      if (!IsFrame(cfa, address, rule.slot(), *function)) continue;
      ++guessed_;
      return Return(cfa, rule.slot());
    }
    return Step::kLost;
  }

  void SetFp(uintptr_t fp) {
    fp_ = fp;
    knows_fp_ = true;
  }

  static uintptr_t Signed(int32_t offset) { return static_cast<uintptr_t>(intptr_t{offset}); }

  const Generation* generation_;
  StackCopy* stack_;
  uintptr_t pc_;
  uintptr_t sp_;
  uintptr_t fp_ = 0;
  bool knows_fp_ = false;
  std::optional<std::array<uint64_t, NGREG>> registers_;  // of a frame that a signal interrupted
  bool interrupted_ = true;
  bool on_trial_ = false;  // no search within a search
  uint32_t guessed_ = 0;
};

// Both ends of a stack that is too deep.
void Store(const std::vector<uintptr_t>& pcs, Walk* walk) {
  walk->depth = static_cast<uint32_t>(std::min(pcs.size(), kMaxFrames));
  walk->omitted = static_cast<uint32_t>(pcs.size()) - walk->depth;
  const size_t leaves = walk->omitted == 0 ? pcs.size() : kLeafFrames;
  std::copy_n(pcs.begin(), leaves, walk->pcs);
  std::copy_n(pcs.end() - (walk->depth - static_cast<std::ptrdiff_t>(leaves)), walk->depth - leaves,
              walk->pcs + leaves);
}

}  // namespace

void WalkBlocked(uintptr_t pc, uintptr_t sp, StackCopy* stack, Walk* walk) {
  stack->Forget();
  BlockedWalker walker(pc, sp, stack);
  std::vector<uintptr_t> pcs;
  auto step = BlockedWalker::Step::kCaller;
  while (step == BlockedWalker::Step::kCaller && pcs.size() < kMaxSteps) {
    pcs.push_back(walker.pc());
    step = walker.Next();
  }
  walk->complete = step == BlockedWalker::Step::kRoot;
  walk->guessed = walker.guessed();
  Store(pcs, walk);
}

}  // namespace stacksampler::unwind
