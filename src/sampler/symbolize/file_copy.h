// SPDX-License-Identifier: MIT
//
// Purpose: parts of a file, copied into private memory at the offsets they have in the file. A
//   mapping of the file itself would raise SIGBUS when somebody cuts the file short in place, as
//   `strip` and `cp` do: that would end the process we are a guest of.
// Invariant: no descriptor stays open. What was not loaded reads as zeros and takes no memory.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: what cannot be read, or stands in a file that has changed since Open(), is not loaded.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_FILE_COPY_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_FILE_COPY_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace stacksampler::symbolize {

/// Most bytes that are copied out of one file at a time.
inline constexpr uint64_t kMaxCopiedBytes = uint64_t{256} << 20;

class FileCopy {
 public:
  /// Null for what is no regular file.
  static std::unique_ptr<FileCopy> Open(const std::string& path);
  ~FileCopy();
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;

  /// As long as the file was.
  [[nodiscard]] std::string_view bytes() const { return {image_, size_}; }
  /// Bytes that may be written to where they were loaded.
  [[nodiscard]] char* image() { return image_; }
  /// False when not all of it could be loaded. What is loaded already is not read again.
  bool Load(uint64_t offset, uint64_t size);
  /// Gives the memory of one former Load() back.
  void Drop(uint64_t offset, uint64_t size);
  [[nodiscard]] uint64_t loaded_bytes() const { return loaded_bytes_; }

  /// Calls `on_block` with all of the file, piece by piece, without keeping it. False when it could
  /// not be read to its end.
  bool ForEachBlock(const std::function<void(std::string_view)>& on_block) const;

 private:
  FileCopy(std::string path, const struct stat& info);
  [[nodiscard]] UniqueFd OpenUnchanged() const;

  std::string path_;
  struct stat info_;  // at Open()
  char* image_ = nullptr;
  size_t size_ = 0;
  std::map<uint64_t, uint64_t> loaded_;  // size by offset
  uint64_t loaded_bytes_ = 0;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_FILE_COPY_H_
