// SPDX-License-Identifier: MIT
//
// Purpose: what a guest in a process could leave behind, read from /proc.
#ifndef STACKSAMPLER_TESTS_HTTP_PROCESS_STATE_H_
#define STACKSAMPLER_TESTS_HTTP_PROCESS_STATE_H_

#include <cstddef>

namespace stacksampler::http {

size_t OpenDescriptors();
size_t RunningThreads();
size_t ResidentBytes();
/// Gives freed memory back to the system first, so that two readings compare.
size_t SettledResidentBytes();

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_TESTS_HTTP_PROCESS_STATE_H_
