// SPDX-License-Identifier: MIT
//
// Purpose: a library that the lifecycle test loads and unloads.
#include <cstdint>

extern "C" __attribute__((visibility("default"))) void call_from_library(void (*function)(int64_t),
                                                                         int64_t argument) {
  function(argument);
  asm volatile("");  // no tail call
}
