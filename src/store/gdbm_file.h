// SPDX-License-Identifier: MIT
//
// Purpose: one gdbm file, written once and then only read; the one place where gdbm_errno becomes a
//   Status.
// Thread safety: one thread at a time.
// Errors: kNotFound when the file (Open) or the key (Get) is not there, kDataLoss when gdbm finds
//   the file damaged, else what the system said; every message names the file.
#ifndef STACKSAMPLER_STORE_GDBM_FILE_H_
#define STACKSAMPLER_STORE_GDBM_FILE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "stacksampler/status.h"
#include "store/file_identity.h"

struct gdbm_file_info;

namespace stacksampler::store {

/// Told by what is in the file, and so for good. Else the file could not be read, which may pass.
bool IsDamage(const Status& status);

class GdbmFile {
 public:
  /// Makes a new file, or empties the one that is there.
  static Result<GdbmFile> Create(const std::string& path);
  /// Opens a file that nobody writes any more: takes no lock.
  static Result<GdbmFile> Open(const std::string& path);

  /// REQUIRES: made by Create(); `key` was not stored yet.
  Status Put(std::string_view key, std::string_view value);
  Result<std::string> Get(std::string_view key);
  [[nodiscard]] Result<FileIdentity> Identity() const;
  /// The key after `*key`, in an order of gdbm's own; the first one when there is none. Answers
  /// with false behind the last.
  Result<bool> NextKey(std::optional<std::string>* key);
  /// Brings all to the disk and closes. Without it the file is closed, but its content is not sure.
  Status Finish();

 private:
  struct Closer {
    void operator()(gdbm_file_info* file) const;
  };
  GdbmFile(std::string path, gdbm_file_info* file) : path_(std::move(path)), file_(file) {}
  [[nodiscard]] Status LastError(const std::string& doing) const;

  std::string path_;
  std::unique_ptr<gdbm_file_info, Closer> file_;
};

/// Makes `path` of what `fill` puts into it: whole, or not at all. Its bytes are on the disk then;
/// its name is so after SyncDir(). Nothing but a *.tmp file can be left behind, and a later try
/// replaces it.
Status WriteGdbmFile(const std::string& path, const std::function<Status(GdbmFile*)>& fill);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_GDBM_FILE_H_
