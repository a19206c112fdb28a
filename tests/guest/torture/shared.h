// SPDX-License-Identifier: MIT
//
// Purpose: what the tortured process tells its supervisor, through memory that both map: a process
//   that hangs or is killed still says how far it came.
// Thread safety: counters are atomic; the complaint is written before the process ends.
#ifndef STACKSAMPLER_TESTS_GUEST_TORTURE_SHARED_H_
#define STACKSAMPLER_TESTS_GUEST_TORTURE_SHARED_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace stacksampler::torture {

inline constexpr size_t kThreads = 64;

struct Shared {
  /// A turn is the smallest piece of a thread's work: who makes turns does not hang.
  struct Thread {
    std::atomic<uint64_t> turns;
  };

  std::array<Thread, kThreads> threads;  // in the order of Kinds()
  std::atomic<bool> stop;                // the supervisor's wish

  // Filled when the sampler has stopped.
  std::atomic<uint64_t> delivered;
  std::atomic<uint64_t> recorded;
  std::atomic<uint64_t> dropped;
  /// What the tortured process found wrong itself; "" when nothing was.
  char complaint[256];
};

}  // namespace stacksampler::torture

#endif  // STACKSAMPLER_TESTS_GUEST_TORTURE_SHARED_H_
