// SPDX-License-Identifier: MIT
#include "cpuprofile/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/errno_status.h"

namespace stacksampler::cpuprofile {
namespace {

// In the child of a single-threaded parent. Returns only when the program could not be executed.
void Execute(const std::string& path, const std::vector<std::string>& command,
             const ChildProcess::Environment& environment, const sigset_t& mask) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  execv(path.c_str(), arguments.data());
}

// The errno of a failed execv, 0 when the pipe was closed by a successful one.
int ReadError(int fd) {
  int error = 0;
  while (read(fd, &error, sizeof error) < 0 && errno == EINTR) continue;
  close(fd);
  return error;
}

}  // namespace

Result<ChildProcess> ChildProcess::Start(const std::string& path,
                                         const std::vector<std::string>& command,
                                         const Environment& environment, Signals* signals) {
  int error_pipe[2];
  if (pipe2(error_pipe, O_CLOEXEC) != 0) return ErrnoStatus(errno, "run " + command[0]);
  const pid_t pid = fork();
  if (pid == 0) {
    Execute(path, command, environment, signals->former_mask());
    const int error = errno;
    const bool told = write(error_pipe[1], &error, sizeof error) == sizeof error;
    _exit(told ? 127 : 126);
  }
  const int fork_error = pid < 0 ? errno : 0;
  close(error_pipe[1]);
  const int error = ReadError(error_pipe[0]);
  if (pid < 0) return ErrnoStatus(fork_error, "run " + command[0]);
  if (error == 0) return ChildProcess(pid, signals);
  waitpid(pid, nullptr, 0);
  return ErrnoStatus(error, "run " + command[0]);
}

bool ChildProcess::Ended() {
  if (!ended_) ended_ = waitpid(pid_, &wait_status_, WNOHANG) == pid_;
  return ended_;
}

bool ChildProcess::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  while (!Ended()) {
    const auto signal = signals_->Next(deadline);
    if (signal && signal->si_signo != SIGCHLD && signal->si_code != SI_KERNEL) {
      kill(pid_, signal->si_signo);
    }
    if (!signal && std::chrono::steady_clock::now() >= deadline) return Ended();
  }
  return true;
}

int ChildProcess::ExitCode() const {
  constexpr int kSignalled = 128;
  return WIFSIGNALED(wait_status_) ? kSignalled + WTERMSIG(wait_status_)
                                   : WEXITSTATUS(wait_status_);
}

std::string ChildProcess::Complaint() const {
  if (WIFSIGNALED(wait_status_)) {
    const int signal = WTERMSIG(wait_status_);
    return "was ended by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  const int status = WEXITSTATUS(wait_status_);
  return status == 0 ? "" : "exited with status " + std::to_string(status);
}

}  // namespace stacksampler::cpuprofile
