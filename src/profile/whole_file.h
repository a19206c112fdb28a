// SPDX-License-Identifier: MIT
//
// Purpose: whole files in and out. A reader never sees half of what is written: it goes to a
//   neighbour that is renamed; what is no regular file (a pipe, /dev/stdout) is written in place.
// Thread safety: free functions.
// Signal safety: none.
// Errors: name the path and the system's reason; kResourceExhausted past `max_bytes`.
#ifndef STACKSAMPLER_PROFILE_WHOLE_FILE_H_
#define STACKSAMPLER_PROFILE_WHOLE_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler {

/// "-" is standard input.
Result<std::string> ReadWholeFile(const std::string& path, size_t max_bytes);
/// "-" is standard output.
Status WriteWholeFile(const std::string& path, std::string_view bytes);
/// Creates the file where there is none. Not atomic.
Status AppendToFile(const std::string& path, std::string_view bytes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_WHOLE_FILE_H_
