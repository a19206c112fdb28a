// SPDX-License-Identifier: MIT
//
// Purpose: runs the built cpuprofile as a person would.
#ifndef STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_
#define STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "support/temporary_folder.h"

namespace stacksampler::tests {

struct Outcome {
  int exit_code = -1;
  std::string text;  // standard output and error
};

inline Outcome RunShell(const std::string& command) {
  Outcome outcome;
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  char buffer[4096];
  for (size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.text.append(buffer, got);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

inline Outcome RunTool(const std::string& arguments) {
  return RunShell(std::string(STACKSAMPLER_BIN_DIR) + "/cpuprofile " + arguments);
}

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_
