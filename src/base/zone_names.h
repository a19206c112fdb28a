// SPDX-License-Identifier: MIT
//
// Purpose: time zones by name: "UTC", "+02:00", and those of the system's tz database
//   ("Europe/Berlin").
// Thread safety: free functions, any thread; the process's TZ is neither read nor set.
// Signal safety: none.
// Errors: nullopt for what names no zone. A name never leads out of the database's folder, and only
//   names of files in it are kept in memory.
#ifndef STACKSAMPLER_BASE_ZONE_NAMES_H_
#define STACKSAMPLER_BASE_ZONE_NAMES_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.h"

namespace stacksampler {

/// Where Debian's package tzdata has its files.
inline constexpr const char* kZoneFolder = "/usr/share/zoneinfo/";

/// "UTC" and "Z", "+HH[[:]MM]" ("-0330"; a space as URLs decode '+'), or the name of a zone.
[[nodiscard]] std::optional<TimeZone> FindTimeZone(std::string_view name);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_ZONE_NAMES_H_
