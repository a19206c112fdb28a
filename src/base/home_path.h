// SPDX-License-Identifier: MIT
//
// Purpose: takes people's home directories out of what is recorded: who built or runs a program is
//   nobody's business who reads its profile.
// Thread safety: free functions, any thread.
// Signal safety: not async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_BASE_HOME_PATH_H_
#define STACKSAMPLER_BASE_HOME_PATH_H_

#include <string>
#include <string_view>

namespace stacksampler {

/// From now on the directory counts as a home, wherever it is; the first that was set stays. What
/// is no absolute directory, or "/", sets none.
void SetOwnHome(std::string_view directory);

/// Some path in `text` lies in a home directory.
bool HasHome(std::string_view text);

/// "/home/ann/app/x.cc:7" -> "app/x.cc:7": wherever in the text a path begins with /root/, or with
/// the directory of a user below /home, /Users, /var/home or /export/home, or with SetOwnHome()'s.
std::string WithoutHomes(std::string_view text);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_HOME_PATH_H_
