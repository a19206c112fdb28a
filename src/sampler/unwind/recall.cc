// SPDX-License-Identifier: MIT
#include "sampler/unwind/recall.h"

#include <algorithm>

#include "sampler/unwind/every_sample.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kWord = 8;

uint64_t WordAt(uintptr_t address) { return *reinterpret_cast<const uint64_t*>(address); }

// What is loaded below may be: invariant 2 of the memo.

[[gnu::noinline]] bool IsStillRealigned(const StackImage& image, size_t i) {
  const uintptr_t fp = image.fps[i];
  return image.links[i].is_realigned() &&
         WordAt(fp - kWord * image.links[i].slot()) == image.sps[i + 1] &&
         WordAt(fp) == image.fps[i + 1];
}

// The frame to which the last true link leads. There is one that leads nowhere.
STACKSAMPLER_EVERY_SAMPLE [[gnu::noinline]] size_t FollowLinks(const StackImage& image, size_t i) {
  for (;; ++i) {
    const Link link = image.links[i];
    if (link.is_fp_at()) {
      if (WordAt(link.fp_at()) != image.fps[i + 1]) return i;
    } else if (!link.is_same_fp() && !IsStillRealigned(image, i)) {
      return i;
    }
    const uint64_t pc = WordAt(link.return_address_at(image.sps[i + 1]));
    if (arch::StripSignature(pc) != image.pcs[i + 1] + 1) return i;
  }
}

}  // namespace

// All state in registers: nothing here is called.
STACKSAMPLER_EVERY_SAMPLE bool Recall::AddPlainly(const PlainStep& plain_step, Frame* frame) {
  const PlainStep plain = plain_step;
  StackImage* const image = image_;
  Frame at = *frame;
  size_t size = size_;
  bool remembered = false;
  bool made = true;
  uintptr_t old_sp = old_->sps[kept_];
  while (made && size != kMaxFrames) {
    if (old_sp <= at.sp) [[unlikely]] {
      remembered = Has(at);
      if (remembered) break;
      old_sp = old_->sps[kept_];
    }
    image->Set(size, at);
    made = plain.Make(&at, &image->links[size]);
    ++size;
  }
  size_ = size;
  *frame = at;
  return made;
}

STACKSAMPLER_EVERY_SAMPLE bool Recall::Follow(Frame* frame) {
  const size_t last = std::min(FollowLinks(*old_, kept_), kept_ + kMaxFrames - 1 - size_);
  const bool at_root = old_->links[last].is_root();
  if (at_root && size_ == kept_) {  // as deep as it was: it may stay where it is
    for (size_t i = 0; i < size_; ++i) old_->Copy(*image_, i, i);
    image_ = old_;
    size_ = last + 1;
    return true;
  }
  for (size_t i = kept_; i < last; ++i) image_->Copy(*old_, i, size_++);
  if (at_root) image_->Copy(*old_, last, size_++);
  kept_ = last + 1;
  *frame = old_->At(last);
  return at_root;
}

STACKSAMPLER_EVERY_SAMPLE uintptr_t* Recall::Keep(size_t count) {
  if (count < size_) image_->links[count - 1] = Link::None();
  image_->sps[count] = UINTPTR_MAX;
  memo_->remembered_ = static_cast<size_t>(image_ - memo_->images_);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  memo_->generation_ = generation_;
  return image_->pcs;
}

}  // namespace stacksampler::unwind
