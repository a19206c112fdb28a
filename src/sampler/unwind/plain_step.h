// SPDX-License-Identifier: MIT
//
// Purpose: the step that nearly every frame takes, on a stack whose end is known: as Unwinder::Next()
//   makes it, but inlined and in registers.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_PLAIN_STEP_H_
#define STACKSAMPLER_SAMPLER_UNWIND_PLAIN_STEP_H_

#include <cstdint>

#include "sampler/unwind/rule.h"
#include "sampler/unwind/rule_cache.h"
#include "sampler/unwind/stack_memo.h"

namespace stacksampler::unwind {

class PlainStep {
 public:
  /// REQUIRES: [sp of the innermost frame, stack_high) is mapped.
  PlainStep(const RuleCache& cache, uintptr_t stack_high)
      : cache_(&cache), last_(stack_high - kWord) {}

  static bool IsAddress(uintptr_t pc) { return pc < uintptr_t{1} << RuleCache::kAddressBits; }

  /// Moves *frame to its caller, whose pc then is an address. False when that takes more than a
  /// plain rule that is in the cache; then nothing has changed. REQUIRES: IsAddress(frame->pc).
  [[gnu::always_inline]] bool Make(Frame* frame, Link* link) const {
    const Rule rule = cache_->Find(frame->pc);
    if (!rule.is_plain()) [[unlikely]]
      return MakeRealigned(rule, frame, link);
    const uintptr_t base = rule.by_fp() ? frame->fp : frame->sp;
    const uintptr_t cfa = base + kWord * rule.operand();
    if (cfa <= frame->sp || !IsCfa(cfa)) return false;
    const uintptr_t pc_at = cfa - rule.return_address_bytes();
    if (arch::kHasLinkRegister && (pc_at == cfa || pc_at < frame->sp)) return false;
    const uintptr_t pc = arch::StripSignature(WordAt(pc_at)) - 1;
    if (!IsAddress(pc)) return false;
    const uintptr_t fp_at = cfa - rule.fp_bytes();
    if (fp_at == cfa) {
      *link = Link::SameFp(pc_at);
    } else {
      if (fp_at < frame->sp) return false;
      *link = Link::FpAt(fp_at);
      frame->fp = WordAt(fp_at);
    }
    frame->sp = cfa;
    frame->pc = pc;
    return true;
  }

 private:
  static constexpr uintptr_t kWord = 8;

  static uint64_t WordAt(uintptr_t address) { return *reinterpret_cast<const uint64_t*>(address); }
  bool IsCfa(uintptr_t cfa) const { return cfa - kWord <= last_ && cfa % kWord == 0; }

  [[gnu::always_inline]] bool MakeRealigned(Rule rule, Frame* frame, Link* link) const {
    const uintptr_t cfa_at = frame->fp - rule.slot_bytes();
    const bool is_frame = rule.kind() == RuleKind::kFpDeref && cfa_at >= frame->sp &&
                          frame->fp >= cfa_at && IsCfa(frame->fp + kWord);
    if (!is_frame) return false;
    const uintptr_t cfa = WordAt(cfa_at);
    if (cfa <= frame->sp || !IsCfa(cfa)) return false;
    const uintptr_t pc = arch::StripSignature(WordAt(cfa - kWord)) - 1;
    if (!IsAddress(pc)) return false;
    *link = Link::Realigned(rule.slot());
    *frame = {cfa, pc, WordAt(frame->fp)};
    return true;
  }

  const RuleCache* cache_;
  const uintptr_t last_;
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_PLAIN_STEP_H_
