// SPDX-License-Identifier: MIT
//
// Purpose: every instruction is a place where a signal may come: prologues, epilogues, linkage
//   tables, the C library's assembly. The processor's trap flag visits them all, and at each the
//   stack is walked by us in three ways and by libunwind.
#ifndef STACKSAMPLER_TESTS_SAMPLER_UNWIND_SINGLE_STEP_H_
#define STACKSAMPLER_TESTS_SAMPLER_UNWIND_SINGLE_STEP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace stacksampler::unwind {

/// Every stack is counted under one of these, up to incomplete.
struct Tally {
  size_t equal = 0;      // frame for frame what libunwind finds by call frame information
  size_t different = 0;  // from that, and none of the following
  /// A frame without such information: found by heuristic, and flagged. Whether libunwind's
  /// heuristic finds the same is counted, no more.
  size_t guessed = 0;
  /// GCC's information is wrong behind the "pop %rbp" of realigned frames, where libunwind goes
  /// astray and may crash: held against our walk one instruction earlier, and the same.
  size_t misleading = 0;
  /// Below libgcc's throw after it has laid the landing pad's registers over those it had saved in
  /// its own frame: the way back is no longer in memory.
  size_t throwing = 0;
  /// libunwind did not come to the outermost frame, which we found without a guess.
  size_t peer_astray = 0;
  /// setcontext() once it has begun to load registers from a context that is not on the stack: its
  /// information says so, and we do not follow it.
  size_t switching = 0;

  size_t guessed_alike = 0;
  size_t incomplete = 0;
  size_t unlike_plain =
      0;  // a walk with a memo, or an empty one, found something else than without
  std::string first_different;

  [[nodiscard]] size_t stacks() const {
    return equal + different + guessed + misleading + throwing + peer_astray + switching;
  }
  Tally& operator+=(const Tally& other);
};

/// Steps through `body`. `stack_high` is the end of the stack that it runs on; 0 = unknown.
Tally SingleStep(uintptr_t stack_high, const std::function<void()>& body);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_TESTS_SAMPLER_UNWIND_SINGLE_STEP_H_
