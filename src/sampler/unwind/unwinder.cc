// SPDX-License-Identifier: MIT
#include "sampler/unwind/unwinder.h"

#include "sampler/unwind/dwarf.h"
#include "sampler/unwind/return_address.h"
#include "sampler/unwind/untabled.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kWord = 8;
constexpr uintptr_t kPltEntryMask = 15;
constexpr uintptr_t kAddressLimit = uintptr_t{1} << RuleCache::kAddressBits;

// From DWARF's register numbers to those of mcontext_t.
constexpr int8_t kGregs[dwarf::kGeneralRegisters] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

uintptr_t Register(const greg_t* registers, int greg) {
  return static_cast<uintptr_t>(registers[greg]);
}

}  // namespace

Unwinder::Unwinder(const ucontext_t& context, uintptr_t stack_high)
    : generation_(CurrentGeneration()),
      registers_(context.uc_mcontext.gregs),
      pc_(Register(registers_, REG_RIP)),
      sp_(Register(registers_, REG_RSP)),
      rbp_(Register(registers_, REG_RBP)),
      memory_(sp_, stack_high) {}

Unwinder::Step Unwinder::Next() {
  const Rule rule = FindTabledRule();
  if (!rule.empty()) return Next(rule);
  SideRule side;
  const Step step = Apply(FindUntabledRule(pc_, &side), side);
  link_ = Link::None();  // the module may go, and another come, without a new generation
  return step;
}

Unwinder::Step Unwinder::Next(Rule rule) {
  const bool aside = rule.kind() == RuleKind::kSide;
  link_ = Link::None();
  return Apply(rule, aside ? generation_->side_rules[rule.operand()] : SideRule());
}

Rule Unwinder::FindTabledRule() const {
  if (generation_ == nullptr || pc_ >= kAddressLimit) return Rule();
  Rule rule = generation_->cache->Find(pc_);
  if (!rule.empty()) return rule;
  const ModuleTable* module = generation_->FindModule(pc_);
  if (module == nullptr) return Rule();
  rule = module->Find(pc_);
  generation_->cache->Store(pc_, rule);
  return rule;
}

Unwinder::Step Unwinder::Apply(Rule rule, const SideRule& side) {
  switch (rule.kind()) {
    case RuleKind::kRsp:
      return Return(sp_ + kWord * rule.operand(), rule.slot());
    case RuleKind::kRbp:
      return Return(rbp_ + kWord * rule.operand(), rule.slot());
    case RuleKind::kPlt:
      return Return(sp_ + ((pc_ & kPltEntryMask) >= rule.operand() ? 2 * kWord : kWord), 0);
    case RuleKind::kRbpDeref:
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
      if (rule.Is(NoRule::kGap) && IsMadeByHand()) {
        link_ = Link::Root();
        return Step::kRoot;
      }
      return Guess(rule.Is(NoRule::kGap));
  }
}

// A link only where all loads lay in the frame: others may be out of bounds another time.
Unwinder::Step Unwinder::Return(uintptr_t cfa, uint32_t slot) {
  uint64_t pc = 0;
  const uintptr_t rbp_at = cfa - kWord * slot;
  if (cfa <= sp_ || !memory_.Load(cfa - kWord, &pc)) return Step::kLost;
  if (slot != 0 && !memory_.Load(rbp_at, &rbp_)) return Step::kLost;
  if (pc == 0) return Step::kRoot;
  if (slot == 0) link_ = Link::SameRbp();
  if (slot != 0 && rbp_at >= sp_) link_ = Link::RbpAt(rbp_at);
  MoveTo({cfa, pc - 1, rbp_});
  return Step::kCaller;
}

Unwinder::Step Unwinder::ReturnWithRbp(uintptr_t cfa, uintptr_t rbp_at) {
  uint64_t rbp = 0;
  if (!memory_.Load(rbp_at, &rbp)) return Step::kLost;
  const uintptr_t sp = sp_;
  const Step step = Return(cfa, 0);
  link_ = rbp_at >= sp ? Link::RbpAt(rbp_at) : Link::None();
  rbp_ = rbp;
  return step;
}

Unwinder::Step Unwinder::ApplyRealigned(uint32_t slot) {
  uint64_t cfa = 0;
  const uintptr_t cfa_at = rbp_ - kWord * slot;
  if (!memory_.Load(cfa_at, &cfa)) return Step::kLost;
  const uintptr_t sp = sp_;
  const Step step = ReturnWithRbp(cfa, rbp_);
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
  const uintptr_t rbp_at = SavedRbp(side, cfa);
  const Step step = rbp_at == 0 ? Return(cfa, 0) : ReturnWithRbp(cfa, rbp_at);
  if (side.deref || (side.reg != dwarf::kRsp && side.reg != dwarf::kRbp)) link_ = Link::None();
  return step;
}

uintptr_t Unwinder::SavedRbp(const SideRule& side, uintptr_t cfa) const {
  const auto offset = static_cast<uintptr_t>(intptr_t{side.rbp_offset});
  switch (side.rbp) {
    case SideRule::Rbp::kAtCfa:
      return cfa + offset;
    case SideRule::Rbp::kAtRbp:
      // GCC leaves this rule in force behind the "pop %rbp" of a realigned frame. There rbp no
      // longer points into the frame, for it is the caller's already.
      return rbp_ >= sp_ && rbp_ < cfa ? rbp_ + offset : 0;
    default:
      return 0;
  }
}

bool Unwinder::ReadRegister(uint8_t reg, uintptr_t* value) const {
  if (reg == dwarf::kRsp) {
    *value = sp_;
  } else if (reg == dwarf::kRbp) {
    *value = rbp_;
  } else if (registers_ != nullptr) {
    *value = Register(registers_, kGregs[reg]);
  } else {
    return false;
  }
  return true;
}

// The whole register file lies on the stack: the interrupted frame is as good as a leaf.
Unwinder::Step Unwinder::ApplySignalFrame(uint32_t words) {
  const auto* context = reinterpret_cast<const ucontext_t*>(sp_ + kWord * words);
  const greg_t* registers = context->uc_mcontext.gregs;
  const auto first = reinterpret_cast<uintptr_t>(registers);
  uint64_t ignored = 0;
  if (!memory_.Load(first + kWord * (NGREG - 1), &ignored) || !memory_.Load(first, &ignored)) {
    return Step::kLost;
  }
  const uintptr_t sp = Register(registers, REG_RSP);
  uint64_t top = 0;
  if (sp <= sp_ || !memory_.Load(sp & ~(kWord - 1), &top)) {
    if (++stack_switches_ > kMaxStackSwitches) return Step::kLost;
    memory_.ForgetBounds(sp);
  }
  registers_ = registers;
  pc_ = Register(registers, REG_RIP);
  rbp_ = Register(registers, REG_RBP);
  sp_ = sp;
  return Step::kCaller;
}

// A return address that no call has left, but that is where a function begins: makecontext() and
// its like lay it down for the first function of a new stack to return to.
bool Unwinder::IsMadeByHand() const {
  const uintptr_t pc = pc_ + 1;
  const ModuleTable* module = generation_ != nullptr ? generation_->FindModule(pc) : nullptr;
  return registers_ == nullptr && module != nullptr && !module->Find(pc).Is(NoRule::kGap) &&
         !FollowsCall(pc);
}

// Assembly without unwind information: a leaf that has pushed nothing, or a keeper of frame
// pointers. Generated code: by custom a keeper of frame pointers.
Unwinder::Step Unwinder::Guess(bool in_module) {
  ++guessed_;
  // A guess follows a register that may hold anything, and what was mapped around this stack when
  // its bounds were looked up may be gone: from here on every page is probed.
  memory_.ForgetBounds(sp_);
  const Step first = in_module ? TakeTopOfStack() : FollowFramePointer(false);
  if (first != Step::kLost) return first;
  const Step second = in_module ? FollowFramePointer(true) : TakeTopOfStack();
  if (second == Step::kLost) --guessed_;
  return second;
}

// Or it has pushed the frame pointer and not yet set its own.
Unwinder::Step Unwinder::TakeTopOfStack() {
  uint64_t top = 0;
  uint64_t next = 0;
  if (registers_ == nullptr || !memory_.Load(sp_, &top)) return Step::kLost;
  if (IsReturnAddress(top)) return Return(sp_ + kWord, 0);
  const bool pushed = top == rbp_ && memory_.Load(sp_ + kWord, &next) && IsReturnAddress(next);
  return pushed ? Return(sp_ + 2 * kWord, 0) : Step::kLost;
}

Unwinder::Step Unwinder::FollowFramePointer(bool check_call) {
  uint64_t caller = 0;
  if (rbp_ < sp_ || !memory_.Load(rbp_ + kWord, &caller)) return Step::kLost;
  if (caller >= kAddressLimit || (check_call && !IsReturnAddress(caller))) return Step::kLost;
  return ReturnWithRbp(rbp_ + 2 * kWord, rbp_);
}

// `address` may be any word: a module that it happens to lie in is not looked into.
bool Unwinder::IsReturnAddress(uintptr_t address) const {
  const bool tabled = generation_ != nullptr && generation_->FindModule(address - 1) != nullptr;
  return (tabled || IsInModule(address - 1)) && FollowsCall(address);
}

}  // namespace stacksampler::unwind
