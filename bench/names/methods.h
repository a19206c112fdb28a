// SPDX-License-Identifier: MIT
//
// Purpose: the ways to name addresses that are compared: ours and its peers.
// Thread safety: one thread.
// Signal safety: none.
// Errors: what a way cannot name counts as nothing.
#ifndef STACKSAMPLER_BENCH_NAMES_METHODS_H_
#define STACKSAMPLER_BENCH_NAMES_METHODS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stacksampler::bench {

struct Subject {
  std::string path;
  uintptr_t bias = 0;                // link-time address + bias = run-time address
  std::vector<uintptr_t> addresses;  // run-time
};

struct Found {
  size_t named = 0;   // addresses
  size_t frames = 0;  // inlined ones included
  size_t lines = 0;   // frames with a source file
  size_t shown = 0;   // bytes of names, so that nothing can be left out
};

// ---- Names of functions.
Found OwnTable(const Subject& subject);  // linker names
Found OwnShown(const Subject& subject);  // demangled and shortened
Found Dladdr(const Subject& subject);    // .dynsym alone
Found LibbacktraceSymbols(const Subject& subject);
Found LibdwSymbols(const Subject& subject);  // dwfl_module_addrinfo

// ---- Inlined frames and source files.
Found OwnFrames(const Subject& subject);       // linker names
Found OwnNamedFrames(const Subject& subject);  // what a window of the sampler takes
Found LibbacktraceFrames(const Subject& subject);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_NAMES_METHODS_H_
