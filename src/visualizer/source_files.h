// SPDX-License-Identifier: MIT
//
// Purpose: reads source files, and nothing else, for the page. Profiles come from outside: a name in
//   one never chooses what is read. Only regular files of text of at most kMaxSourceBytes that lie,
//   after all symbolic links, below a root that whoever started the visualizer named.
// Thread safety: const members from several threads.
// Signal safety: none.
// Errors: Open() names the folder that is none; Read() says why in words that are the same for a
//   file that is missing and one that lies outside.
#ifndef STACKSAMPLER_VISUALIZER_SOURCE_FILES_H_
#define STACKSAMPLER_VISUALIZER_SOURCE_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::visualizer {

inline constexpr size_t kMaxSourceBytes = size_t{2} << 20;

class SourceFiles {
 public:
  SourceFiles() = default;

  /// Each root is DIR, or RECORDED=DIR where the sources stood in RECORDED when they were compiled.
  static Result<SourceFiles> Open(const std::vector<std::string>& roots);

  [[nodiscard]] bool empty() const { return roots_.empty(); }

  /// The text of the file that was recorded as `file`: the first root that has it. What was
  /// recorded relative to an unknown folder ("../src/a.cc") is looked for below each root.
  [[nodiscard]] Result<std::string> Read(const std::string& file) const;

 private:
  struct Root {
    std::string recorded;  // absolute, without a slash at its end
    std::string dir;       // real path
  };
  std::vector<Root> roots_;
};

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_SOURCE_FILES_H_
