// SPDX-License-Identifier: MIT
//
// Purpose: where the sources of a module stood when it was compiled. What is recorded of a file
//   begins behind that: "src/x.cc" is the same wherever it was built, and tells of the program
//   alone.
// Shapes: the deepest directory that holds the directory in which each unit was compiled, and each
//   unit's source. /usr and what is above it is none: nothing is cut off then, but home
//   directories.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ROOT_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ROOT_H_

#include <string>
#include <string_view>

namespace stacksampler::symbolize {

class BuildRoot {
 public:
  /// `source` as the compiler was given it, "" when unknown. A directory that is not absolute was
  /// taken away by the compiler (-ffile-prefix-map), and says nothing.
  void AddUnit(std::string_view directory, std::string_view source);
  /// `file` as seen from the root, without "..", and without a home directory.
  [[nodiscard]] std::string Without(std::string_view file) const;

 private:
  void Add(std::string directory);

  std::string root_;  // ends with a slash; "" before the first unit
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ROOT_H_
