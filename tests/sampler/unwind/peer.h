// SPDX-License-Identifier: MIT
//
// Purpose: the same walk by libunwind, and by us, to be compared frame for frame.
#ifndef STACKSAMPLER_TESTS_SAMPLER_UNWIND_PEER_H_
#define STACKSAMPLER_TESTS_SAMPLER_UNWIND_PEER_H_

#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "sampler/unwind/walker.h"

namespace stacksampler::unwind {

/// Fixed room, for signal handlers.
struct Frames {
  static constexpr size_t kMax = 4096;

  uintptr_t pcs[kMax];
  size_t count = 0;
};

/// By libunwind, in the form of Walk::pcs but without a cap.
void WalkByLibunwind(const ucontext_t& context, Frames* frames);

/// By the peer that the platform has: libunwind, or libgcc where tests are cross-compiled.
void WalkByPeer(const ucontext_t& context, Frames* frames);

/// A walk with its buffer.
struct OurWalk {
  OurWalk() { walk.pcs = pcs; }
  OurWalk(const OurWalk&) = delete;
  OurWalk& operator=(const OurWalk&) = delete;

  uintptr_t pcs[kMaxFrames];
  Walk walk;
};

/// True when both found the same frames, and the same of them.
bool SameWalk(const Walk& a, const Walk& b);

/// The end of this thread's stack.
uintptr_t StackHigh();

/// Empty when the walk has the frames of `peer`, less what it omitted; else tells the difference.
std::string Difference(const Walk& walk, const Frames& peer);

/// Raises SIGUSR1 here and calls `visit` in its handler with the interrupted context.
void AtSignal(const std::function<void(const ucontext_t&)>& visit);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_TESTS_SAMPLER_UNWIND_PEER_H_
