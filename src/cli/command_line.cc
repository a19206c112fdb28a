// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "base/errno_status.h"
#include "cli/suggest.h"

namespace stacksampler::cli {
namespace {

// CLI11 lays some messages out over several lines.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::optional<int> Parse(CLI::App* app, int argc, const char* const* argv) {
  return Parse(app, std::vector<std::string>(argv + 1, argv + argc));
}

std::optional<int> Parse(CLI::App* app, const std::vector<std::string>& words) {
  try {
    app->parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 wants them so
  } catch (const CLI::Success& answer) {                                 // --help, --version
    return app->exit(answer);
  } catch (const CLI::ParseError& error) {
    return Fail(app->get_name(), kUsage, {StatusCode::kInvalidArgument, UsageMessage(*app, error)});
  }
  return std::nullopt;
}

int Fail(const std::string& program, int code, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), OneLine(status.message()).c_str());
  return code;
}

int Guarded(const std::string& program, const std::function<int()>& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return Fail(program, kRuntimeFailure, OutOfMemory());
  } catch (const std::exception& error) {  // threads, most likely
    return Fail(program, kRuntimeFailure, {StatusCode::kResourceExhausted, error.what()});
  }
}

}  // namespace stacksampler::cli
