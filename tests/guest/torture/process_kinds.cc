// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "guest/torture/kinds.h"

namespace stacksampler::torture {
namespace {

// A child that hangs must not outlive the torture.
constexpr unsigned kHangSeconds = 300;

pid_t Fork() {
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) alarm(kHangSeconds);
  return pid;
}

void ExpectSuccess(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) != pid) {
  }
  if (status == 0) return;
  throw std::runtime_error(
      "a child ended with wait status " + std::to_string(status) +
      (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF ? ": killed by SIGPROF" : ""));
}

}  // namespace

void ForkChild(int thread) {
  const pid_t pid = Fork();
  if (pid == 0) {
    for (int i = 0; i < 10; ++i) Allocate(thread);
    ThrowDeep(thread);
    _exit(0);
  }
  ExpectSuccess(pid);
}

void ExecChild(int /*thread*/) {
  const pid_t pid = Fork();
  if (pid == 0) {
    Work(1000);
    // No environment: a profiler that is preloaded stays out of it.
    char* const nothing[] = {nullptr};
    char name[] = "true";
    char* const arguments[] = {name, nullptr};
    execve("/bin/true", arguments, nothing);
    _exit(1);
  }
  ExpectSuccess(pid);
}

}  // namespace stacksampler::torture
