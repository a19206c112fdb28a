// SPDX-License-Identifier: MIT
//
// Purpose: memory that ends when a test says so: the operator new of a program that is linked with
//   ending_memory.cc. Not for one under a sanitizer, which brings its own.
// Thread safety: each thread has its own memory.
#ifndef STACKSAMPLER_TESTS_SUPPORT_ENDING_MEMORY_H_
#define STACKSAMPLER_TESTS_SUPPORT_ENDING_MEMORY_H_

#include <cstddef>

namespace stacksampler {

/// Of this thread: how many more allocations succeed before one throws; -1, as it is then again, is
/// all.
extern thread_local int allocations_left;
/// What this thread has asked for so far; nothing is taken off when it is given back.
extern thread_local size_t bytes_allocated;

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_ENDING_MEMORY_H_
