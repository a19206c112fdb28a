// SPDX-License-Identifier: MIT
//
// Purpose: the sampler's signal handler as the sampler sets it up, without the sampler: one slot for
//   the calling thread, whose stack's bounds are known.
// Thread safety: one thread.
// Signal safety: Take() and Forget() may be called from a signal handler.
#ifndef STACKSAMPLER_BENCH_WALK_OUR_HANDLER_H_
#define STACKSAMPLER_BENCH_WALK_OUR_HANDLER_H_

#include <csignal>
#include <cstddef>
#include <memory>

#include "sampler/handler/thread_slot.h"

namespace stacksampler::bench {

class OurHandler {
 public:
  /// Prepares the unwind tables and the slot.
  OurHandler();

  /// What a timer of the sampler would carry.
  [[nodiscard]] void* ticket() const;
  /// What the kernel would say of it.
  [[nodiscard]] siginfo_t Signal() const;
  /// The walk, without the rest of the handler. Returns how many frames it found.
  size_t Walk(const ucontext_t& context);
  /// Empties the ring. Returns how many frames its last sample had.
  size_t TakeSamples();
  /// The next walk finds nothing remembered.
  void ForgetStack() { slot_->memo.Clear(); }

 private:
  sampling::ThreadSlot* const slot_;  // as the sampler's: never freed
  std::unique_ptr<sampling::RawSample> sample_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_WALK_OUR_HANDLER_H_
