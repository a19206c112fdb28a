// SPDX-License-Identifier: MIT
//
// Purpose: a recording in the making: windows of one process, appended one after another, so that a
//   program that is killed leaves all but the last one. Shape: records of an 8-byte little-endian
//   length and that many bytes of raw pprof; a record of length 0 says that the recording ended in
//   good order.
// Thread safety: free functions; one writer per file.
// Signal safety: none.
// Errors: name the file; a last record that was cut off is left out and told of, since that is how
//   killing looks.
#ifndef STACKSAMPLER_PROFILE_WINDOW_LOG_H_
#define STACKSAMPLER_PROFILE_WINDOW_LOG_H_

#include <cstdint>
#include <string>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

inline constexpr const char kWindowLogExtension[] = ".windows";

/// Opens and closes the file, for the program around us may close every descriptor at any time.
Status AppendWindow(const std::string& path, const Profile& window);
Status AppendEnd(const std::string& path);

struct WindowLog {
  Profile profile;  // all windows, merged
  uint64_t windows = 0;
  bool ended = false;
  bool cut_off = false;
};

Result<WindowLog> ReadWindowLog(const std::string& path);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_WINDOW_LOG_H_
