// SPDX-License-Identifier: MIT
#include "sampler/unwind/blocked_walker.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

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
        return ReturnBy(rule, sp_ + kWord * rule.operand());
      case RuleKind::kFp:
        if (!knows_fp_) return SearchFrame(*module, rule);
        return ReturnBy(rule, fp_ + kWord * rule.operand());
      case RuleKind::kPlt:
        return ReturnFromCall(sp_ + ((pc() & kPltEntryMask) >= rule.operand() ? 2 * kWord : kWord));
      case RuleKind::kFpDeref:
        return ApplyRealigned(rule.slot());
      case RuleKind::kSide:
        return ApplySide(generation_->side_rules[rule.operand()]);
      case RuleKind::kSignalFrame:
        return ApplySignalFrame(sp_ + kWord * rule.operand());
      case RuleKind::kRoot:
        return Step::kRoot;
      default:
        return rule.Is(NoRule::kGap) ? LeaveGap() : Step::kLost;
    }
  }

 private:
  [[nodiscard]] const ModuleTable* ModuleOf(uintptr_t pc) const {
    return generation_ == nullptr ? nullptr : generation_->FindModule(pc);
  }

  // To the caller, whose pc and fp are at these addresses; `cfa` = still in their registers.
  Step Return(uintptr_t cfa, uintptr_t pc_at, uintptr_t fp_at) {
    uint64_t pc = 0;
    uint64_t fp = 0;
    if (!ReadReturnAddress(cfa, pc_at, &pc)) return Step::kLost;
    if (fp_at != cfa && !stack_->Load(fp_at, &fp)) return Step::kLost;
    if (fp_at != cfa) SetFp(fp);
    if (pc == 0) return Step::kRoot;
    pc_ = pc;
    sp_ = cfa;
    interrupted_ = false;
    registers_.reset();
    return Step::kCaller;
  }

  Step ReturnBy(Rule rule, uintptr_t cfa) {
    return Return(cfa, cfa - rule.return_address_bytes(), cfa - rule.fp_bytes());
  }

  // From a frame that has saved nothing but, by the call, its return address.
  Step ReturnFromCall(uintptr_t cfa) { return Return(cfa, cfa - kWord, cfa); }

  // Of a blocked frame the link register is unknown.
  bool ReadReturnAddress(uintptr_t cfa, uintptr_t pc_at, uint64_t* pc) {
    if (arch::kHasLinkRegister && pc_at == cfa) {
      if (!registers_ || cfa < sp_) return false;
      *pc = (*registers_)[static_cast<size_t>(arch::kLinkRegister)];
    } else if (cfa <= sp_ || !stack_->Load(pc_at, pc)) {
      return false;
    }
    *pc = arch::StripSignature(*pc);
    return true;
  }

  Step ApplyRealigned(uint32_t slot) {
    uint64_t cfa = 0;
    if (!knows_fp_ || !stack_->Load(fp_ - kWord * slot, &cfa)) return Step::kLost;
    return Return(cfa, cfa - kWord, fp_);
  }

  Step ApplySide(const SideRule& side) {
    std::optional<uintptr_t> base = Register(side.reg);
    if (!base) return Step::kLost;
    uintptr_t cfa = *base + Signed(side.cfa_offset);
    if (side.deref) {
      if (!stack_->Load(cfa, &cfa)) return Step::kLost;
      cfa += Signed(side.deref_add);
    }
    const uintptr_t pc_at = cfa + Signed(side.ra_offset);
    switch (side.fp) {
      case SideRule::Fp::kAtCfa:
        return Return(cfa, pc_at, cfa + Signed(side.fp_offset));
      case SideRule::Fp::kAtFp:
        if (!knows_fp_) return Step::kLost;
        // See Unwinder::SavedFp().
        return Return(cfa, pc_at, fp_ >= sp_ && fp_ < cfa ? fp_ + Signed(side.fp_offset) : cfa);
      default:
        return Return(cfa, pc_at, cfa);
    }
  }

  [[nodiscard]] std::optional<uintptr_t> Register(uint8_t reg) const {
    if (reg == arch::kDwarfSp) return sp_;
    if (reg == arch::kDwarfFp && knows_fp_) return fp_;
    if (!registers_) return {};
    return (*registers_)[static_cast<uint8_t>(arch::kRegisterOf[reg])];
  }

  Step ApplySignalFrame(uintptr_t context) {
    std::array<uint64_t, arch::kRegisterCount> registers{};
    if (!stack_->Read(context + arch::kRegistersOffset, registers.data(), sizeof registers))
      return Step::kLost;
    pc_ = registers[arch::kPc];
    sp_ = registers[arch::kSp];
    SetFp(registers[arch::kFp]);
    registers_ = registers;
    interrupted_ = true;
    return Step::kCaller;
  }

  // Generated code: by custom a keeper of frame pointers. Where a call does not push, they do not
  // tell where the caller's frame begins.
  Step FollowFramePointer() {
    uint64_t caller = 0;
    if (arch::kHasLinkRegister || !knows_fp_ || fp_ < sp_) return Step::kLost;
    if (!stack_->Load(fp_ + kWord, &caller)) return Step::kLost;
    if (ModuleOf(caller - 1) == nullptr) return Step::kLost;
    ++guessed_;
    return Return(fp_ + 2 * kWord, fp_ + kWord, fp_);
  }

  Step LeaveGap() {
    if (AtSignalTrampoline()) return ApplySignalFrame(sp_ + kWord * arch::kSignalContextWords);
    return arch::kHasLinkRegister ? Step::kLost : TakeTopOfStack();
  }

  [[nodiscard]] bool AtSignalTrampoline() const {
    uint64_t code = 0;
    return arch::kHasBareSignalTrampoline && stack_->Read(pc_, &code, sizeof code) &&
           arch::IsSignalTrampoline(code);
  }

  // Assembly without unwind information around its system call.
  Step TakeTopOfStack() {
    uint64_t top = 0;
    CallSite call;
    if (!interrupted_ || !stack_->Load(sp_, &top) || !ReadCall(top, &call)) return Step::kLost;
    ++guessed_;
    return ReturnFromCall(sp_ + kWord);
  }

  struct CallSite {
    const ModuleTable* module = nullptr;
    uintptr_t target = 0;  // 0 = the call is indirect
  };

  // False when no call leads to `address`.
  bool ReadCall(uintptr_t address, CallSite* call) const {
    call->module = ModuleOf(address - 1);
    uint8_t code[arch::kMaxCallBytes];
    if (call->module == nullptr || !stack_->Read(address - sizeof code, code, sizeof code)) {
      return false;
    }
    if (!EndsInCall(code)) return false;
    call->target = CallTarget(code, address);
    return true;
  }

  // What a PLT entry jumps to; 0 when `entry` is none.
  [[nodiscard]] uintptr_t PltTarget(uintptr_t entry) const {
    uint8_t code[arch::kPltEntryBytes];
    if (!stack_->Read(entry, code, sizeof code)) return 0;
    const uintptr_t slot = PltSlot(code, entry);
    uintptr_t target = 0;
    return slot != 0 && stack_->Read(slot, &target, sizeof target) ? target : 0;
  }

  // Of an indirect call nobody knows where it led. What earlier calls have left in the frame of
  // `function` looks like a frame, too, and leads back into `function`.
  [[nodiscard]] bool Completes(uintptr_t cfa, Rule rule, const FdeRange& function) const {
    constexpr int kMostSteps = 256;
    BlockedWalker trial = *this;
    trial.on_trial_ = true;
    Step step = trial.ReturnBy(rule, cfa);
    for (int i = 0; i < kMostSteps && step == Step::kCaller; ++i) {
      if (function.Holds(trial.pc())) return false;
      step = trial.Next();
    }
    return step == Step::kRoot;
  }

  // A frame that ends at `cfa` and returns to `address`.
  [[nodiscard]] bool IsFrame(uintptr_t cfa, uintptr_t address, Rule rule,
                             const FdeRange& function) const {
    CallSite call;
    if (!ReadCall(address, &call)) return false;
    if (call.target == 0) return Completes(cfa, rule, function);
    return call.target == function.begin || PltTarget(call.target) == function.begin;
  }

  Step SearchFrame(const ModuleTable& module, Rule rule) {
    if (on_trial_ || rule.fp_bytes() == 0) return Step::kLost;
    const std::optional<FdeRange> function = FindFde(*stack_, module.header, pc());
    if (!function) return Step::kLost;
    const uintptr_t first = sp_ + std::max(kWord * rule.operand(), rule.fp_bytes());
    for (uintptr_t cfa = first; cfa < first + kSearchBytes; cfa += kWord) {
      uint64_t address = 0;
      if (!ReadReturnAddress(cfa, cfa - rule.return_address_bytes(), &address)) return Step::kLost;
      if (!IsFrame(cfa, address, rule, *function)) continue;
      ++guessed_;
      return ReturnBy(rule, cfa);
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
  std::optional<std::array<uint64_t, arch::kRegisterCount>>
      registers_;  // of a frame that a signal interrupted
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
