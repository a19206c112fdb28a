// SPDX-License-Identifier: MIT
//
// Purpose: room for a thousand peers, and for what else is open.
#ifndef STACKSAMPLER_TESTS_GAUNTLET_MANY_DESCRIPTORS_H_
#define STACKSAMPLER_TESTS_GAUNTLET_MANY_DESCRIPTORS_H_

#include <sys/resource.h>

#include <algorithm>

#include "support/catch.h"

namespace stacksampler {

inline void AllowManyDescriptors() {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_GAUNTLET_MANY_DESCRIPTORS_H_
