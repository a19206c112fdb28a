// SPDX-License-Identifier: MIT
//
// Purpose: runs the built cpuprofile as a person would, in a folder that goes away.
#ifndef STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_
#define STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

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

class TemporaryFolder {
 public:
  TemporaryFolder() {
    char name[] = "/tmp/cpuprofile_test.XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_CPUPROFILE_RUN_TOOL_H_
