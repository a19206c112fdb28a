// SPDX-License-Identifier: MIT
#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <utility>

#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr size_t kKilobyte = 1024;

}  // namespace

Program::Program(std::vector<std::string> args, const std::string& errors) {
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    const int file = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (dup2(ends[1], STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
}

Program::~Program() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Wait();
  }
  close(output_);
}

std::string Program::ReadLine() {
  std::string line;
  for (char c = 0; read(output_, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::string Program::ReadAll() {
  std::string all;
  for (char c = 0; read(output_, &c, 1) == 1;) all += c;
  return all;
}

void Program::Signal(int signal) const { kill(pid_, signal); }

bool Program::lives() const {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

size_t Program::StatusBytes(const char* field) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  size_t kilobytes = 0;
  for (std::string word; status >> word;) {
    if (word == field) status >> kilobytes;
  }
  return kilobytes * kKilobyte;
}

void Program::ResetPeak() const {
  std::ofstream("/proc/" + std::to_string(pid_) + "/clear_refs") << "5";
}

// An arena begins at a multiple of what is reserved for it: what is used of it, and right behind
// that what may not be touched yet.
size_t Program::ExtraArenas() const {
  constexpr uint64_t kArenaBytes = uint64_t{64} << 20;
  std::ifstream maps("/proc/" + std::to_string(pid_) + "/maps");
  size_t arenas = 0;
  uint64_t used_begin = 0;
  uint64_t used_end = 0;
  for (std::string line; std::getline(maps, line);) {
    size_t dash = 0;
    size_t length = 0;
    const uint64_t begin = std::stoull(line, &dash, 16);
    const uint64_t end = std::stoull(line.substr(dash + 1), &length, 16);
    const std::string access = line.substr(dash + 1 + length + 1, 4);
    const bool reserved = access == "---p" && begin == used_end;
    arenas += reserved && used_begin % kArenaBytes == 0 && end == used_begin + kArenaBytes ? 1 : 0;
    used_begin = access == "rw-p" ? begin : 1;
    used_end = end;
  }
  return arenas;
}

Program::End Program::Wait() {
  End end;
  rusage used{};
  REQUIRE(wait4(std::exchange(pid_, -1), &end.status, 0, &used) > 0);
  end.peak_bytes = static_cast<size_t>(used.ru_maxrss) * kKilobyte;
  return end;
}

}  // namespace stacksampler
