// SPDX-License-Identifier: MIT
//
// Purpose: how the C library's heap keeps what a program of ours freed. Left to itself it makes an
//   arena for each thread, and a page of one serves no other: what many threads allocate and free
//   for each other takes ever more of them, for as long as the program runs.
// Thread safety: SetHeap() before there is another thread; GiveBackPages() from any.
// Signal safety: none.
// Errors: none. Never called in a sampled process, whose heap is its own.
#ifndef STACKSAMPLER_CLI_HEAP_H_
#define STACKSAMPLER_CLI_HEAP_H_

namespace stacksampler::cli {

struct HeapLimits {
  int most_arenas = 1;
  /// What is larger gets pages of its own, which go back when it is freed.
  int least_mapped_bytes = 128 << 10;
  /// At the end of an arena.
  int most_idle_bytes = 128 << 10;
};

void SetHeap(const HeapLimits& limits);

/// All pages on which nothing is allocated, wherever they lie.
void GiveBackPages();

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_HEAP_H_
