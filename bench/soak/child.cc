// SPDX-License-Identifier: MIT
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

namespace stacksampler::bench {

Child::Child(const std::vector<std::string>& args, const std::string& clock, std::string log)
    : log_(std::move(log)) {
  std::vector<std::string> all = {"/usr/bin/env", "LD_PRELOAD=" STACKSAMPLER_FAST_CLOCK,
                                  "SOAK_CLOCK=" + clock};
  all.insert(all.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& arg : all) argv.push_back(arg.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return;
  std::fprintf(stderr, "soak: %s does not start\n", args[0].c_str());
  std::exit(EXIT_FAILURE);
}

Child::~Child() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Child::lives() const {
  siginfo_t ended{};
  return pid_ > 0 &&
         waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

bool Child::Stop() {
  int status = -1;
  kill(pid_, SIGTERM);
  waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string Child::LastLine(const std::string& holding) const {
  std::ifstream file(log_);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (line.find(holding) != std::string::npos) last = line;
  }
  return last;
}

std::string Child::AwaitLine(const std::string& holding) const {
  constexpr std::chrono::milliseconds kLook{20};
  for (;;) {
    const bool may_say_it = lives();
    std::string line = LastLine(holding);
    if (!line.empty() || !may_say_it) return line;
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace stacksampler::bench
