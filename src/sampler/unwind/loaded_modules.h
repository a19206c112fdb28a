// SPDX-License-Identifier: MIT
//
// Purpose: the modules that the loader has mapped (program, libraries, vdso), and copies of their
//   unwind information.
// Thread safety: any thread, at any time; dlopen and dlclose wait while a module is copied.
// Signal safety: not async-signal-safe.
//
// Unwind information is copied under the loader's lock, not read under a pin by dlopen: dropping
//   such a pin could run the application's destructors on our thread, and taking it could wait for
//   a constructor that waits for us.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_LOADED_MODULES_H_
#define STACKSAMPLER_SAMPLER_UNWIND_LOADED_MODULES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stacksampler::unwind {

/// How many modules the loader has ever added and removed.
struct LoaderCounts {
  uint64_t adds = 0;
  uint64_t subs = 0;

  friend bool operator==(const LoaderCounts&, const LoaderCounts&) = default;
};
LoaderCounts ReadLoaderCounts();

/// Absolute addresses.
struct LoadedModule {
  uintptr_t code_begin = 0;  // spans all executable segments
  uintptr_t code_end = 0;
  uintptr_t header = 0;        // .eh_frame_hdr; 0 = no table that we can read
  uintptr_t unwind_begin = 0;  // holds .eh_frame_hdr and .eh_frame
  uintptr_t unwind_end = 0;

  friend bool operator==(const LoadedModule&, const LoadedModule&) = default;
};

/// All modules with code, sorted by address; *counts are the counters of that moment.
std::vector<LoadedModule> ListModules(LoaderCounts* counts);

/// The bytes [unwind_begin, unwind_end). False when the module is no longer there.
bool CopyUnwindBytes(const LoadedModule& module, std::vector<uint8_t>* bytes);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_LOADED_MODULES_H_
