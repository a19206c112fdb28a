// SPDX-License-Identifier: MIT
#include "sampler/unwind/unwinder.h"

#include "sampler/unwind/every_sample.h"
#include "sampler/unwind/probe.h"
#include "sampler/unwind/return_address.h"
#include "sampler/unwind/untabled.h"

// The loader's: the first stack pointer of the process.
extern "C" void* __libc_stack_end;  // NOLINT(bugprone-reserved-identifier)

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kWord = 8;
constexpr uintptr_t kPltEntryMask = 15;
constexpr uintptr_t kStackAlignment = 16;
constexpr uintptr_t kAddressLimit = uintptr_t{1} << RuleCache::kAddressBits;

bool ReadInstruction(uintptr_t address, uint32_t* instruction) {
  if (address % sizeof *instruction != 0 || !IsReadable(address & ~(kWord - 1))) return false;
  *instruction = *reinterpret_cast<const uint32_t*>(address);
  return true;
}

bool HoldsSignalTrampoline(uintptr_t address) {
  uint32_t first = 0;
  uint32_t second = 0;
  return ReadInstruction(address, &first) && ReadInstruction(address + sizeof first, &second) &&
         arch::IsSignalTrampoline(first | uint64_t{second} << 32);
}

}  // namespace

STACKSAMPLER_EVERY_SAMPLE Unwinder::Unwinder(const ucontext_t& context, uintptr_t stack_high)
    : generation_(CurrentGeneration()),
      registers_(arch::RegistersOf(context)),
      pc_(arch::Value(registers_, arch::kPc)),
      sp_(arch::Value(registers_, arch::kSp)),
      fp_(arch::Value(registers_, arch::kFp)),
      memory_(sp_, stack_high) {}

Unwinder::Step Unwinder::Next() {
  const Rule rule = FindTabledRule();
  if (!rule.empty()) return Next(rule);
  SideRule side;
  const Step step = Apply(FindUntabledRule(pc_, &side), side);
  link_ = Link::None();  // the module may go, and another come, without a new generation
  return step;
}

STACKSAMPLER_EVERY_SAMPLE Unwinder::Step Unwinder::Next(Rule rule) {
  const bool aside = rule.kind() == RuleKind::kSide;
  link_ = Link::None();
  return Apply(rule, aside ? generation_->side_rules[rule.operand()] : SideRule());
}

STACKSAMPLER_EVERY_SAMPLE Rule Unwinder::FindTabledRule() const {
  if (generation_ == nullptr || pc_ >= kAddressLimit) return Rule();
  Rule rule = generation_->cache->Find(pc_);
  if (!rule.empty()) return rule;
  const ModuleTable* module = generation_->FindModule(pc_);
  if (module == nullptr) return Rule();
  rule = module->Find(pc_);
  generation_->cache->Store(pc_, rule);
  return rule;
}

STACKSAMPLER_EVERY_SAMPLE Unwinder::Step Unwinder::Apply(Rule rule, const SideRule& side) {
  if (arch::kHasLinkRegister && lost_sp_) return ApplyWithoutSp(rule);
  switch (rule.kind()) {
    case RuleKind::kSp:
      return ReturnBy(rule, sp_ + kWord * rule.operand());
    case RuleKind::kFp:
      return ReturnBy(rule, fp_ + kWord * rule.operand());
    case RuleKind::kPlt:
      return ApplyPlt(rule.operand());
    case RuleKind::kFpDeref:
      return ApplyRealigned(rule.slot());
    case RuleKind::kSide:
      return ApplySide(side);
    case RuleKind::kSignalFrame:
      return ApplySignalFrame(rule.operand());
    case RuleKind::kRoot:
      link_ = Link::Root();
      return Step::kRoot;
    default:
      if (rule.Is(NoRule::kUnsupported)) return Step::kLost;
      if (AtSignalTrampoline()) return ApplySignalFrame(arch::kSignalContextWords);
      return LeaveUntold(rule.Is(NoRule::kGap));
  }
}

// A frame that has saved fp points to that place with its own: it keeps frame pointers.
Unwinder::Step Unwinder::ApplyWithoutSp(Rule rule) {
  switch (rule.kind()) {
    case RuleKind::kSp:
      return rule.fp_bytes() != 0 ? ReturnBy(rule, fp_ + rule.fp_bytes()) : Step::kLost;
    case RuleKind::kFp:
      return ReturnBy(rule, fp_ + kWord * rule.operand());
    case RuleKind::kRoot:
      return Step::kRoot;
    case RuleKind::kNone:
      return rule.Is(NoRule::kUnsupported) ? Step::kLost : Guess(rule.Is(NoRule::kGap));
    default:
      return Step::kLost;
  }
}

Unwinder::Step Unwinder::Return(uintptr_t cfa, uintptr_t pc_at, uintptr_t fp_at) {
  uint64_t pc = 0;
  uint64_t fp = fp_;
  if (!ReadReturnAddress(cfa, pc_at, &pc)) return Step::kLost;
  if (fp_at != cfa && !memory_.Load(fp_at, &fp)) return Step::kLost;
  if (pc == 0) return Step::kRoot;
  link_ = LinkTo(cfa, pc_at, fp_at);
  if (arch::kHasLinkRegister) lost_sp_ = 0;
  MoveTo({cfa, pc - 1, fp});
  return Step::kCaller;
}

bool Unwinder::ReadReturnAddress(uintptr_t cfa, uintptr_t pc_at, uint64_t* pc) {
  if (arch::kHasLinkRegister && pc_at == cfa) {
    if (registers_ == nullptr || cfa < sp_) return false;
    *pc = arch::Value(registers_, arch::kLinkRegister);
  } else if (cfa <= sp_ || !memory_.Load(pc_at, pc)) {
    return false;
  }
  *pc = arch::StripSignature(*pc);
  return true;
}

// A link only where all loads lay in the frame: others may be out of bounds another time.
Link Unwinder::LinkTo(uintptr_t cfa, uintptr_t pc_at, uintptr_t fp_at) const {
  const bool in_frame = !arch::kHasLinkRegister || (pc_at >= sp_ && pc_at != cfa);
  if (in_frame && fp_at == cfa) return Link::SameFp(pc_at);
  const bool adjoins = !arch::kHasLinkRegister || pc_at == fp_at + kWord;
  return in_frame && adjoins && fp_at >= sp_ ? Link::FpAt(fp_at) : Link::None();
}

Unwinder::Step Unwinder::ApplyPlt(uint32_t pushes_from) {
  const uintptr_t cfa = sp_ + ((pc_ & kPltEntryMask) >= pushes_from ? 2 * kWord : kWord);
  return Return(cfa, cfa - kWord, cfa);
}

Unwinder::Step Unwinder::ApplyRealigned(uint32_t slot) {
  uint64_t cfa = 0;
  const uintptr_t cfa_at = fp_ - kWord * slot;
  if (!memory_.Load(cfa_at, &cfa)) return Step::kLost;
  const uintptr_t sp = sp_;
  const Step step = Return(cfa, cfa - kWord, fp_);
  link_ = cfa_at >= sp ? Link::Realigned(slot) : Link::None();
  return step;
}

Unwinder::Step Unwinder::ApplySide(const SideRule& side) {
  uintptr_t cfa = 0;
  if (!ReadRegister(side.reg, &cfa)) return Step::kLost;
  cfa += static_cast<uintptr_t>(intptr_t{side.cfa_offset});
  if (side.deref) {
    if (!memory_.Load(cfa, &cfa)) return Step::kLost;
    cfa += static_cast<uintptr_t>(intptr_t{side.deref_add});
  }
  const intptr_t ra_offset = arch::kHasLinkRegister ? side.ra_offset : -intptr_t{kWord};
  const Step step = Return(cfa, cfa + static_cast<uintptr_t>(ra_offset), SavedFp(side, cfa));
  if (side.deref || (side.reg != arch::kDwarfSp && side.reg != arch::kDwarfFp))
    link_ = Link::None();
  return step;
}

uintptr_t Unwinder::SavedFp(const SideRule& side, uintptr_t cfa) const {
  const auto offset = static_cast<uintptr_t>(intptr_t{side.fp_offset});
  switch (side.fp) {
    case SideRule::Fp::kAtCfa:
      return cfa + offset;
    case SideRule::Fp::kAtFp:
      // GCC leaves this rule in force behind the "pop %rbp" of a realigned frame. There fp no
      // longer points into the frame, for it is the caller's already.
      return fp_ >= sp_ && fp_ < cfa ? fp_ + offset : cfa;
    default:
      return cfa;
  }
}

bool Unwinder::ReadRegister(uint8_t reg, uintptr_t* value) const {
  if (reg == arch::kDwarfSp) {
    *value = sp_;
  } else if (reg == arch::kDwarfFp) {
    *value = fp_;
  } else if (registers_ != nullptr) {
    *value = arch::Value(registers_, arch::kRegisterOf[reg]);
  } else {
    return false;
  }
  return true;
}

// The whole register file lies on the stack: the interrupted frame is as good as a leaf.
Unwinder::Step Unwinder::ApplySignalFrame(uint32_t words) {
  const auto* context = reinterpret_cast<const ucontext_t*>(sp_ + kWord * words);
  const arch::Register* registers = arch::RegistersOf(*context);
  const auto first = reinterpret_cast<uintptr_t>(registers);
  uint64_t ignored = 0;
  if (!memory_.Load(first + kWord * (arch::kRegisterCount - 1), &ignored) ||
      !memory_.Load(first, &ignored)) {
    return Step::kLost;
  }
  const uintptr_t sp = arch::Value(registers, arch::kSp);
  uint64_t top = 0;
  if (sp <= sp_ || !memory_.Load(sp & ~(kWord - 1), &top)) {
    if (++stack_switches_ > kMaxStackSwitches) return Step::kLost;
    memory_.ForgetBounds(sp);
  }
  registers_ = registers;
  pc_ = arch::Value(registers, arch::kPc);
  fp_ = arch::Value(registers, arch::kFp);
  sp_ = sp;
  return Step::kCaller;
}

// The kernel returns to the trampoline's first instruction; a sample may find it at either.
bool Unwinder::AtSignalTrampoline() const {
  if (!arch::kHasBareSignalTrampoline) return false;
  if (registers_ == nullptr) return HoldsSignalTrampoline(pc_ + 1);
  return HoldsSignalTrampoline(pc_) || HoldsSignalTrampoline(pc_ - sizeof(uint32_t));
}

Unwinder::Step Unwinder::LeaveUntold(bool in_module) {
  switch (in_module ? IsOutermost() : Answer::kNo) {
    case Answer::kYes:
      link_ = Link::Root();
      return Step::kRoot;
    case Answer::kPerhaps:  // no link: the next walk is to count it again
      ++guessed_;
      return Step::kRoot;
    default:
      return Guess(in_module);
  }
}

// Two outermost frames are not described as such: the loader's entry, which finds argc on top of
// its stack, realigned or not; and a return address that no call has left but that is where a
// function begins. makecontext() and its like lay that down for a new stack's first function to
// return to.
// kPerhaps: where the code cannot be read, it only may be the second.
Unwinder::Answer Unwinder::IsOutermost() const {
  if (registers_ != nullptr) return Answer::kNo;
  const auto process_end = reinterpret_cast<uintptr_t>(__libc_stack_end);
  if (sp_ == process_end / kStackAlignment * kStackAlignment) return Answer::kYes;
  if (generation_ == nullptr) return Answer::kNo;
  const uintptr_t pc = pc_ + 1;
  const ModuleTable* module = generation_->FindModule(pc);
  if (module == nullptr || module->Find(pc).Is(NoRule::kGap)) return Answer::kNo;
  switch (LookBefore(pc)) {
    case CodeBefore::kOther:
      return Answer::kYes;
    case CodeBefore::kUnreadable:
      return Answer::kPerhaps;
    default:
      return Answer::kNo;
  }
}

// Assembly without unwind information: a leaf that has saved nothing, or a keeper of frame
// pointers. Generated code: by custom a keeper of frame pointers.
Unwinder::Step Unwinder::Guess(bool in_module) {
  ++guessed_;
  // A guess follows a register that may hold anything, and what was mapped around this stack when
  // its bounds were looked up may be gone: from here on every page is probed.
  memory_.ForgetBounds(sp_);
  const Step first = in_module ? ReturnFromLeaf() : FollowFramePointer(false);
  if (first != Step::kLost) return first;
  const Step second = in_module ? FollowFramePointer(true) : ReturnFromLeaf();
  if (second == Step::kLost) --guessed_;
  return second;
}

Unwinder::Step Unwinder::ReturnFromLeaf() {
  if (registers_ == nullptr) return Step::kLost;
  if (!arch::kHasLinkRegister) return TakeTopOfStack();
  uint64_t caller = 0;
  if (!ReadReturnAddress(sp_, sp_, &caller) || !IsReturnAddress(caller)) return Step::kLost;
  return Return(sp_, sp_, sp_);
}

// Or it has pushed the frame pointer and not yet set its own.
Unwinder::Step Unwinder::TakeTopOfStack() {
  uint64_t top = 0;
  uint64_t next = 0;
  if (!memory_.Load(sp_, &top)) return Step::kLost;
  uintptr_t cfa = sp_ + kWord;
  if (!IsReturnAddress(top)) {
    if (top != fp_ || !memory_.Load(cfa, &next) || !IsReturnAddress(next)) return Step::kLost;
    cfa += kWord;
  }
  return Return(cfa, cfa - kWord, cfa);
}

// Two words at fp: the caller's, and the return address. Only where that was pushed by the call
// does the caller's frame begin behind it.
Unwinder::Step Unwinder::FollowFramePointer(bool check_call) {
  const uintptr_t end = fp_ + 2 * kWord;
  uint64_t caller = 0;
  if (fp_ < sp_ || !ReadReturnAddress(end, fp_ + kWord, &caller)) return Step::kLost;
  if (caller >= kAddressLimit || (check_call && !IsReturnAddress(caller))) return Step::kLost;
  const Step step = Return(end, fp_ + kWord, fp_);
  if (arch::kHasLinkRegister && step == Step::kCaller) lost_sp_ = 1;
  return step;
}

// `address` may be any word: a module that it happens to lie in is not looked into.
bool Unwinder::IsReturnAddress(uintptr_t address) const {
  const bool tabled = generation_ != nullptr && generation_->FindModule(address - 1) != nullptr;
  return (tabled || IsInModule(address - 1)) && FollowsCall(address);
}

}  // namespace stacksampler::unwind
