// SPDX-License-Identifier: MIT
//
// Purpose: what the fuzz targets share. A target is one function over bytes from outside; it ends
//   the process where a promise of the parser does not hold. scripts/fuzz drives it with libFuzzer,
//   replay.cc with the corpus.
#ifndef STACKSAMPLER_TESTS_FUZZ_FUZZ_H_
#define STACKSAMPLER_TESTS_FUZZ_FUZZ_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace stacksampler::fuzz {

inline std::string_view AsText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, saying what was promised.
inline void Promise(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

/// A file in memory with these bytes, for parsers that read files; the next call overwrites it.
inline const std::string& FileOf(std::string_view bytes) {
  static const int fd = memfd_create("fuzz", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const bool is_written = ftruncate(fd, 0) == 0 && pwrite(fd, bytes.data(), bytes.size(), 0) ==
                                                       static_cast<ssize_t>(bytes.size());
  Promise(is_written, "the input can be written to a file in memory");
  return path;
}

}  // namespace stacksampler::fuzz

#endif  // STACKSAMPLER_TESTS_FUZZ_FUZZ_H_
