// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

namespace stacksampler::cli {
namespace {

// CLI11 lays some messages out over several lines.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string UsageError(const CLI::App* app, const CLI::Error& error) {
  const std::string& program = app->get_name();
  return program + ": " + OneLine(error.what()) + "; see " + program + " --help\n";
}

}  // namespace

std::optional<int> Parse(CLI::App* app, int argc, char** argv) {
  app->failure_message(UsageError);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? kDone : kUsage;
  }
  return std::nullopt;
}

int Fail(const std::string& program, int code, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), OneLine(status.message()).c_str());
  return code;
}

}  // namespace stacksampler::cli
