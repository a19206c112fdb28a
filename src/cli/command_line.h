// SPDX-License-Identifier: MIT
//
// Purpose: what the programs' command lines share: exit codes, and errors that are one line naming
//   the thing.
// Thread safety: call from main().
// Signal safety: none.
#ifndef STACKSAMPLER_CLI_COMMAND_LINE_H_
#define STACKSAMPLER_CLI_COMMAND_LINE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace CLI {
class App;
}

namespace stacksampler::cli {

inline constexpr int kDone = 0;
inline constexpr int kRuntimeFailure = 1;
inline constexpr int kUsage = 2;

/// Parses the command line. A value means: everything is said (help, version, or what is wrong with
/// the words), exit with it. No exception gets out.
std::optional<int> Parse(CLI::App* app, int argc, const char* const* argv);
/// `words`: the arguments behind the program's name.
std::optional<int> Parse(CLI::App* app, const std::vector<std::string>& words);

/// Prints "program: message" on stderr and returns `code`.
int Fail(const std::string& program, int code, const Status& status);

/// What `run` returns; kRuntimeFailure, told likewise, where an exception got out of it.
int Guarded(const std::string& program, const std::function<int()>& run);

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_COMMAND_LINE_H_
