// SPDX-License-Identifier: MIT
#include "guest/torture/supervisor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "guest/torture/kinds.h"
#include "guest/torture/shared.h"

namespace stacksampler::torture {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{100};

/// The tortured process and the memory that is shared with it.
class Victim {
 public:
  explicit Victim(const Options& options);
  ~Victim() {
    kill(pid_, SIGKILL);
    if (!wait_status_) waitpid(pid_, nullptr, 0);
    munmap(shared_, sizeof *shared_);
    close(fd_);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  [[nodiscard]] Shared* shared() const { return shared_; }
  /// Its wait status, once it has ended.
  std::optional<int> Ended() {
    int status = 0;
    if (!wait_status_ && waitpid(pid_, &status, WNOHANG) == pid_) wait_status_ = status;
    return wait_status_;
  }

 private:
  void Exec(const Options& options) const;

  const int fd_ = memfd_create("torture", 0);
  Shared* shared_ = nullptr;
  pid_t pid_ = 0;
  std::optional<int> wait_status_;
};

Victim::Victim(const Options& options) {
  void* memory = MAP_FAILED;
  if (fd_ >= 0 && ftruncate(fd_, sizeof(Shared)) == 0) {
    memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  }
  if (memory == MAP_FAILED) throw std::runtime_error("no memory to share");
  shared_ = static_cast<Shared*>(memory);
  pid_ = fork();
  if (pid_ == 0) Exec(options);
}

void Victim::Exec(const Options& options) const {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!options.preload.empty()) setenv("LD_PRELOAD", options.preload.c_str(), 1);
  const std::string fd = std::to_string(fd_);
  execl(options.program.c_str(), options.program.c_str(), "--victim", fd.c_str(),
        options.profiler.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

/// Who has made no turn since the last look in which it had.
class Progress {
 public:
  explicit Progress(const Shared& shared) : shared_(shared) { since_.fill(Clock::now()); }

  void Look() {
    for (size_t i = 0; i < kThreads; ++i) {
      const uint64_t turns = shared_.threads[i].turns;
      if (turns == seen_[i]) continue;
      seen_[i] = turns;
      since_[i] = Clock::now();
    }
  }
  [[nodiscard]] std::string HangingSince(Clock::time_point time) const {
    std::set<std::string> kinds;
    size_t i = 0;
    for (const Kind& kind : Kinds()) {
      for (int n = 0; n < kind.threads; ++n) {
        if (since_[i++] < time) kinds.insert(kind.name);
      }
    }
    std::string names;
    for (const std::string& kind : kinds) names += (names.empty() ? "" : ",") + kind;
    return names;
  }
  [[nodiscard]] uint64_t turns() const {
    uint64_t sum = 0;
    for (const uint64_t turns : seen_) sum += turns;
    return sum;
  }

 private:
  const Shared& shared_;
  std::array<uint64_t, kThreads> seen_{};
  std::array<Clock::time_point, kThreads> since_;
};

Verdict OfEnd(int status, const Shared& shared) {
  Verdict verdict;
  if (WIFSIGNALED(status)) {
    verdict.kind = Verdict::Kind::kCrashed;
    verdict.detail = strsignal(WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0 || !shared.stop) {
    verdict.kind = Verdict::Kind::kComplained;
    verdict.detail = shared.complaint;
  }
  return verdict;
}

Verdict Watch(const Options& options, Victim* victim, Progress* progress) {
  Shared* const shared = victim->shared();
  const auto begin = Clock::now();
  const auto end = begin + options.duration;
  for (;;) {
    if (const auto status = victim->Ended()) return OfEnd(*status, *shared);
    const auto now = Clock::now();
    progress->Look();
    const std::string hanging = progress->HangingSince(now - options.patience);
    if (!hanging.empty()) return {Verdict::Kind::kHung, hanging};
    // The last turns of all are made after the time is up.
    if (now >= end && progress->HangingSince(end).empty()) shared->stop = true;
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace

Verdict Torture(const Options& options) {
  Victim victim(options);
  Progress progress(*victim.shared());
  Verdict verdict = Watch(options, &victim, &progress);
  verdict.turns = progress.turns();
  verdict.delivered = victim.shared()->delivered;
  verdict.recorded = victim.shared()->recorded;
  verdict.dropped = victim.shared()->dropped;
  return verdict;
}

}  // namespace stacksampler::torture
