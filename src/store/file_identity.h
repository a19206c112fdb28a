// SPDX-License-Identifier: MIT
//
// Purpose: tells a file from another one of the same name: a segment that was repaired, a store
//   restored from a copy.
// Thread safety: free functions, from any thread.
// Errors: what the system says, with the file's path.
#ifndef STACKSAMPLER_STORE_FILE_IDENTITY_H_
#define STACKSAMPLER_STORE_FILE_IDENTITY_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::store {

struct FileIdentity {
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  [[nodiscard]] std::array<int64_t, 4> Numbers() const {
    return {static_cast<int64_t>(inode), size, seconds, nanoseconds};
  }
  friend bool operator==(const FileIdentity& a, const FileIdentity& b) {
    return a.Numbers() == b.Numbers();
  }
};

/// Of the file that has the name now.
Result<FileIdentity> IdentityAt(const std::string& path);
/// Of the file that is open; `path` is for the message.
Result<FileIdentity> IdentityOf(int descriptor, const std::string& path);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_FILE_IDENTITY_H_
