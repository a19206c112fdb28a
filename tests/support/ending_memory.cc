// SPDX-License-Identifier: MIT
#include "support/ending_memory.h"

#include <cstdlib>
#include <new>

namespace stacksampler {

thread_local int allocations_left = -1;
thread_local size_t bytes_allocated = 0;

namespace {

void* AllocateOrThrow(size_t size) {
  if (allocations_left == 0) {
    allocations_left = -1;
    throw std::bad_alloc();
  }
  if (allocations_left > 0) --allocations_left;
  bytes_allocated += size;
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace
}  // namespace stacksampler

void* operator new(size_t size) { return stacksampler::AllocateOrThrow(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
