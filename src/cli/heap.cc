// SPDX-License-Identifier: MIT
#include "cli/heap.h"

#include <malloc.h>

namespace stacksampler::cli {

void SetHeap(const HeapLimits& limits) {
  mallopt(M_ARENA_MAX, limits.most_arenas);
  mallopt(M_MMAP_THRESHOLD, limits.least_mapped_bytes);
  mallopt(M_TRIM_THRESHOLD, limits.most_idle_bytes);
}

void GiveBackPages() { malloc_trim(0); }

}  // namespace stacksampler::cli
