// SPDX-License-Identifier: MIT
//
// Purpose: runs the torture in a process of its own and judges it by its progress, never by its
//   speed: every single thread has to make turns, to the very end.
// Thread safety: one call at a time.
#ifndef STACKSAMPLER_TESTS_GUEST_TORTURE_SUPERVISOR_H_
#define STACKSAMPLER_TESTS_GUEST_TORTURE_SUPERVISOR_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace stacksampler::torture {

struct Options {
  std::string program;   // this one
  std::string profiler;  // see profilers.h
  std::string preload;   // LD_PRELOAD of the tortured process; "" = none
  std::chrono::seconds duration{30};
  /// A thread that makes no turn for so long hangs.
  std::chrono::seconds patience{120};
};

struct Verdict {
  enum class Kind { kSurvived, kHung, kCrashed, kComplained };
  Kind kind = Kind::kSurvived;
  std::string detail;  // the threads that hang, the signal that killed, the complaint
  uint64_t turns = 0;
  uint64_t delivered = 0;
  uint64_t recorded = 0;
  uint64_t dropped = 0;
};

Verdict Torture(const Options& options);

}  // namespace stacksampler::torture

#endif  // STACKSAMPLER_TESTS_GUEST_TORTURE_SUPERVISOR_H_
