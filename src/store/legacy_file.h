// SPDX-License-Identifier: MIT
//
// Purpose: reads a database of the original collector without touching it.
// Shapes: stacks are numbered in the order of the file, which is gdbm's own and the same each time.
// Thread safety: one thread at a time.
// Errors: name the file and the way out. The original opens its file for every poll: no lock is
//   held while reading, so that it is not kept waiting; instead a file that was written meanwhile
//   is noticed, and what was read must then not be used.
#ifndef STACKSAMPLER_STORE_LEGACY_FILE_H_
#define STACKSAMPLER_STORE_LEGACY_FILE_H_

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

class LegacyFile {
 public:
  static Result<LegacyFile> Open(const std::string& path);

  /// Calls `visit(stack, entries)` for each key and its value.
  Status ForEachStack(
      const std::function<void(std::string_view stack, std::string_view entries)>& visit);
  /// Nobody wrote it since Open(), and nobody is about to.
  [[nodiscard]] Status CheckUnchanged() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  LegacyFile(std::string path, UniqueFd fd, const struct stat& info)
      : path_(std::move(path)), fd_(std::move(fd)), opened_(info) {}

  std::string path_;
  UniqueFd fd_;  // for the look at lock and times alone
  struct stat opened_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_LEGACY_FILE_H_
