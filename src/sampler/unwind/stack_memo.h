// SPDX-License-Identifier: MIT
//
// Purpose: the stack that a thread had at its previous sample, so that what has not changed since is
//   checked by loads alone, without looking up a rule.
// Thread safety: one walk at a time works on a memo.
// Signal safety: async-signal-safe.
//
// Invariants: 1. A frame with a link is a fact about code and memory alone: in the tables of this
//     generation, whoever stands in that frame (sp, pc, fp) and finds the remembered values where
//     they were saved has the next remembered frame for its caller. It does not matter whose stack
//     it was, nor when.
// 2. All that such a check loads lies between the frame's sp and the end of the stack. Thus a walk
//     that stands in the frame, on a stack that ends where the memo's did, may load it.
// 3. Frames are remembered innermost first, by ascending sp; the last one has no caller.
// 4. While a walk works on it, the memo is empty: who jumps out of a handler leaves no half of one.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMO_H_
#define STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMO_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/arch.h"
#include "sampler/unwind/cache_lines.h"

namespace stacksampler::unwind {

inline constexpr size_t kMaxFrames = 256;

/// All that a step to the caller depends on, but for memory.
struct Frame {
  uintptr_t sp;
  uintptr_t pc;  // to look up: see Walk::pcs
  uintptr_t fp;
};

/// How a step found what it loaded. The return address lies below the caller's sp; where there is a
/// link register, at FpAt's address + 8, or where SameFp says.
class Link {
 public:
  /// The step depends on more than a Frame and these loads, or was not made.
  static constexpr Link None() { return Link(kNone); }
  /// There is no caller, whatever memory says.
  static constexpr Link Root() { return Link(kRoot); }
  /// The caller's fp is still in fp.
  /// REQUIRES: 8-aligned.
  static constexpr Link SameFp(uintptr_t return_address_at) {
    return Link(arch::kHasLinkRegister ? return_address_at | kSameFp : kSameFp);
  }
  /// REQUIRES: 8-aligned.
  static constexpr Link FpAt(uintptr_t address) { return Link(address); }
  /// The caller's fp is at *fp, its sp at fp - 8 * slot.
  static constexpr Link Realigned(uint32_t slot) {
    return Link(kRealigned | uintptr_t{slot} << kTagBits);
  }

  Link() = default;
  bool is_root() const { return bits_ == kRoot; }
  /// True when it is FpAt(fp_at()).
  bool is_fp_at() const { return (bits_ & kTagMask) == 0; }
  bool is_same_fp() const { return (arch::kHasLinkRegister ? bits_ & kTagMask : bits_) == kSameFp; }
  bool is_realigned() const { return (bits_ & kTagMask) == kRealigned; }
  uintptr_t fp_at() const { return bits_; }
  uintptr_t return_address_at(uintptr_t caller_sp) const {
    if (!arch::kHasLinkRegister) return caller_sp - 8;
    return is_fp_at() ? bits_ + 8 : bits_ & ~kTagMask;
  }
  uintptr_t slot() const { return bits_ >> kTagBits; }

 private:
  static constexpr unsigned kTagBits = 3;
  static constexpr uintptr_t kTagMask = 7;
  static constexpr uintptr_t kSameFp = 1;
  static constexpr uintptr_t kRealigned = 2;
  static constexpr uintptr_t kNone = 3;
  static constexpr uintptr_t kRoot = 4;

  constexpr explicit Link(uintptr_t bits) : bits_(bits) {}

  uintptr_t bits_;
};

/// Frames, column by column: pcs are a walk's result, and the ring takes them as they are.
struct StackImage {
  Frame At(size_t i) const { return {sps[i], pcs[i], fps[i]}; }
  void Set(size_t i, const Frame& frame) {
    sps[i] = frame.sp;
    pcs[i] = frame.pc;
    fps[i] = frame.fp;
  }
  void Copy(const StackImage& from, size_t i, size_t to) {
    Set(to, from.At(i));
    links[to] = from.links[i];
  }

  /// Asks for the innermost frames of each column, which else are waited for one after the other.
  [[gnu::always_inline]] void Prefetch() const {
    AskForLines<2>(pcs);
    AskForLines<2>(sps);
    AskForLines<2>(fps);
    AskForLines<2>(links);
  }

  uintptr_t pcs[kMaxFrames];
  uintptr_t sps[kMaxFrames + 1];  // UINTPTR_MAX behind the last
  uintptr_t fps[kMaxFrames];
  Link links[kMaxFrames];
};

class StackMemo {
 public:
  /// Asks for what a walk of a shallow stack reads and writes.
  [[gnu::always_inline]] void Prefetch() const {
    for (const StackImage& image : images_) image.Prefetch();
  }
  /// The next walk finds nothing remembered.
  void Clear() { generation_ = kEmpty; }
  /// Room for the addresses of a walk that cannot use the memo, and leaves it as it is.
  uintptr_t* spare_pcs() { return images_[1 - remembered_].pcs; }

 private:
  friend class Recall;

  static constexpr uint64_t kEmpty = 0;  // generations count from 1

  uint64_t generation_ = kEmpty;
  uintptr_t stack_high_ = 0;
  size_t remembered_ = 0;  // which of the images; the other one takes the next walk
  StackImage images_[2];
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMO_H_
