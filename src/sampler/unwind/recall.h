// SPDX-License-Identifier: MIT
//
// Purpose: one walk's work on its thread's memo: notes the frames that are new, follows those that
//   are remembered.
// Thread safety: lives on the walking thread's stack.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_RECALL_H_
#define STACKSAMPLER_SAMPLER_UNWIND_RECALL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sampler/unwind/plain_step.h"
#include "sampler/unwind/stack_memo.h"

namespace stacksampler::unwind {

class Recall {
 public:
  /// Takes the memo for a walk by the tables of `generation` on a stack whose end is known.
  [[gnu::always_inline]] Recall(StackMemo* memo, uint64_t generation, uintptr_t stack_high)
      : memo_(memo),
        generation_(generation),
        old_(&memo->images_[memo->remembered_]),
        image_(&memo->images_[1 - memo->remembered_]) {
    if (memo->generation_ != generation || memo->stack_high_ != stack_high) {
      memo->images_[memo->remembered_].sps[0] = UINTPTR_MAX;
    }
    memo->stack_high_ = stack_high;
    memo->Clear();
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  size_t size() const { return size_; }
  bool full() const { return size_ == kMaxFrames; }

  /// True when the memo has this frame. REQUIRES: frames are asked for from the innermost outwards.
  [[gnu::always_inline]] bool Has(const Frame& frame) {
    while (old_->sps[kept_] < frame.sp) ++kept_;
    if (old_->sps[kept_] != frame.sp) return false;
    if (old_->pcs[kept_] == frame.pc && old_->fps[kept_] == frame.fp) return true;
    ++kept_;
    return false;
  }

  /// Adds *frame and its callers as long as steps are plain. True when it came to a frame that is
  /// remembered and not added; or there is no more room. False when the last frame added needs
  /// another way to its caller. REQUIRES: !full(), and an address in frame->pc.
  bool AddPlainly(const PlainStep& plain, Frame* frame);

  /// Adds all callers of *frame that are as they were. True when the root was among them; else
  /// *frame is the first one not added. REQUIRES: Has(*frame), and !full().
  bool Follow(Frame* frame);

  /// How the step was made from the last frame added, if there is one.
  void SetLink(Link link) {
    if (size_ != 0) image_->links[size_ - 1] = link;
  }
  /// As if the last frame had not been added.
  void TakeBack() { --size_; }

  /// Gives back the memo with the first `count` frames, and returns all that were found.
  /// REQUIRES: count <= size(), and the last frame's link leads nowhere.
  uintptr_t* Keep(size_t count);

 private:
  StackMemo* const memo_;
  const uint64_t generation_;
  StackImage* const old_;
  StackImage* image_;  // what this walk finds
  size_t size_ = 0;
  size_t kept_ = 0;  // of old_: frames before it lie further in than the walk has come
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_RECALL_H_
