// SPDX-License-Identifier: MIT
//
// Purpose: tells whether a file is still the one that was read, by what stat() says of it.
// Thread safety: a free function.
// Signal safety: not async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SAME_FILE_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SAME_FILE_H_

#include <sys/stat.h>

#include <tuple>

namespace stacksampler::symbolize {

/// The same bytes in the same file, unless somebody set its time back.
inline bool SameFile(const struct stat& a, const struct stat& b) {
  const auto state = [](const struct stat& info) {
    return std::tie(info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                    info.st_mtim.tv_nsec);
  };
  return state(a) == state(b);
}

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SAME_FILE_H_
