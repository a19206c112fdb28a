// SPDX-License-Identifier: MIT
//
// Purpose: the programs' logs: one logfmt line an event on stderr. Not for the sampler core, which
//   is a guest and only speaks once, when it cannot start.
// Thread safety: any thread; lines never mix.
// Signal safety: none.
#ifndef STACKSAMPLER_BASE_LOG_H_
#define STACKSAMPLER_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stacksampler {

enum class LogLevel { kInfo, kWarning, kError };

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// level=info msg="round stored" targets=3 ... ; values are quoted where they need it, control
/// characters escaped.
void Log(LogLevel level, std::string_view message, LogFields fields = {});
/// The line without its newline. Pure.
std::string LogLine(LogLevel level, std::string_view message, LogFields fields);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_LOG_H_
