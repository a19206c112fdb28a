// SPDX-License-Identifier: MIT
//
// Purpose: samples a program that knows nothing of it: LD_PRELOAD=libstacksampler_preload.so. See
//   config.h for the environment; without STACKSAMPLER_OUTPUT and STACKSAMPLER_ADDR nothing is
//   started. Limits: a signal that kills, and a system call that is made without the C library,
//   pass by all of this: then a window log (.windows) holds all but the last second, other formats
//   nothing.
#include <cstdlib>

#include "preload/attachment.h"

namespace stacksampler::preload {
namespace {

__attribute__((constructor)) void OnLoad() {
  Attach();
  at_quick_exit(Detach);
}

__attribute__((destructor)) void OnExit() { Detach(); }

}  // namespace
}  // namespace stacksampler::preload
