// SPDX-License-Identifier: MIT
//
// Purpose: what a process holds, to tell whether something that was done over and over leaks.
#ifndef STACKSAMPLER_TESTS_GUEST_FOOTPRINT_H_
#define STACKSAMPLER_TESTS_GUEST_FOOTPRINT_H_

#include <cstdint>
#include <string>

namespace stacksampler {

struct Footprint {
  int64_t descriptors = 0;
  int64_t threads = 0;
  int64_t timers = 0;
  int64_t heap_bytes = 0;      // handed out by malloc
  int64_t resident_bytes = 0;  // without what is shared with files
  int64_t address_bytes = 0;   // of address space

  /// Once the kernel has let go of threads that were joined.
  static Footprint Now();
};

/// Nothing of what `before` and `after` can count has grown, and no bytes by as much as half the
/// smallest piece of memory per cycle. "" when that holds, else what has grown.
std::string Growth(const Footprint& before, const Footprint& after, int64_t cycles);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_GUEST_FOOTPRINT_H_
