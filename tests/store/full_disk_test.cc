// SPDX-License-Identifier: MIT
//
// A file system of its own that is really full, at every fill level, or really read-only: what was
// acknowledged is there once, and the writer goes on when there is room again, or it may write.
// Mounted where nobody else sees it, which the kernel must allow; CMakeLists.txt asks.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "store/check.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr size_t kPage = 4096;
constexpr uint64_t kMostFreePages = 48;
constexpr size_t kWindows = 6;

std::vector<Window> Windows() {
  std::mt19937_64 random(7);
  std::vector<Window> windows;
  for (size_t i = 0; i < kWindows; ++i) {
    const auto days = static_cast<int64_t>(i / 2);
    windows.push_back(
        RandomWindow(&random, i + 1, kNoon + days * kDay + static_cast<int64_t>(i) * kSecond));
  }
  return windows;
}

void Write(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;  // told by the mount
  (void)!write(fd, text.data(), text.size());
  close(fd);
}

// Root in a namespace of our own, whoever we are outside.
bool MountTmpfs(const std::string& dir) {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  Write("/proc/self/setgroups", "deny");
  Write("/proc/self/uid_map", "0 " + user + " 1");
  Write("/proc/self/gid_map", "0 " + group + " 1");
  return mount("tmpfs", dir.c_str(), "tmpfs", 0, "size=1m") == 0;
}

uint64_t FreePages(const std::string& dir) {
  struct statvfs info = {};
  return statvfs(dir.c_str(), &info) == 0 ? info.f_bfree * info.f_bsize / kPage : 0;
}

// Where the disk was found full.
struct Met {
  bool append = false;
  bool seal = false;
  bool total = false;
};

// A collector that asks for the windows in order, and goes on with the next when one is durable.
class Life {
 public:
  Life(std::string dir, const std::vector<Window>& windows)
      : dir_(std::move(dir)), windows_(windows) {}

  bool Run(Met* met) {
    const bool done = Collect(met);
    for (const std::string& line : warnings_) {
      met->seal = met->seal || line.find("its journal stays") != std::string::npos;
      met->total = met->total || line.find("the day's total is not made") != std::string::npos;
    }
    return done;
  }

  // All that is durable, once; the window that was refused may be there as well.
  [[nodiscard]] bool IsWhole() const {
    if (durable_ == 0) return true;
    const auto reader = OpenReader(dir_);
    if (!reader.ok()) return false;
    const auto answer = (*reader)->Merge({});
    if (!answer.ok() || answer->records < durable_ || answer->records > durable_ + 1) return false;
    int64_t weight = 0;
    for (size_t i = 0; i < answer->records; ++i) weight += windows_[i].profile.TotalWeight();
    return answer->profile.TotalWeight() == weight;
  }

  [[nodiscard]] size_t durable() const { return durable_; }

 private:
  bool Collect(Met* met) {
    if (writer_ == nullptr) {
      WriterOptions options = OptionsFor(&warnings_);
      options.journal_grace = std::chrono::seconds(0);
      auto writer = OpenWriter(dir_, options);
      if (!writer.ok()) return false;
      writer_ = *std::move(writer);
    }
    for (; durable_ < windows_.size(); ++durable_) {
      const bool appended = writer_->Append(windows_[durable_].record()).ok();
      met->append = met->append || !appended;
      if (!appended || !writer_->Commit().ok()) return false;
    }
    return writer_->Seal().ok();
  }

  const std::string dir_;
  const std::vector<Window>& windows_;
  std::vector<std::string> warnings_;
  std::unique_ptr<StoreWriter> writer_;
  size_t durable_ = 0;
};

// Answers with what was wrong, nothing when all was right.
std::string LiveThrough(const std::string& disk, uint64_t free_pages,
                        const std::vector<Window>& windows, Met* met) {
  const std::string ballast = disk + "/ballast";
  const std::string db = disk + "/db";
  WriteFile(ballast, std::string((FreePages(disk) - free_pages) * kPage, 'x'));
  if (FreePages(disk) != free_pages) return "the disk is not as full as it was to be";
  Life life(db, windows);
  for (int tries = 0; tries < 2; ++tries) {
    life.Run(met);
    if (!life.IsWhole()) return "what was durable is not there once, while the disk is full";
  }
  std::filesystem::remove(ballast);
  if (!life.Run(met)) return "it does not go on when there is room";
  if (!life.IsWhole()) return "what was durable is not there once, when there is room";
  const auto report = CheckStore(db);
  if (!report.ok() || !report->problems.empty()) return "the check finds problems";
  if (report->records != windows.size()) return "a window is missing";
  if (report->journals != 0 || report->days != 2) return "not all was sealed and summed up";
  std::filesystem::remove_all(db);
  return {};
}

// In a child, for the mount is for good.
int RunOnTmpfs(const std::string& disk) {
  if (!MountTmpfs(disk)) return 2;
  const std::vector<Window> windows = Windows();
  Met met;
  for (uint64_t pages = 0; pages <= kMostFreePages; ++pages) {
    const std::string wrong = LiveThrough(disk, pages, windows, &met);
    if (wrong.empty()) continue;
    std::fprintf(stderr, "with %llu pages free: %s\n", static_cast<unsigned long long>(pages),
                 wrong.c_str());
    return 1;
  }
  std::fprintf(stderr, "full in appends: %d, seals: %d, totals: %d\n", met.append, met.seal,
               met.total);
  return met.append && met.seal && met.total ? 0 : 3;
}

bool Remount(const std::string& disk, unsigned long flags) {
  return mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT | flags, "size=1m") == 0;
}

// So many of the windows are stored, each once.
bool Store(const std::string& db, const std::vector<Window>& windows, size_t count) {
  const auto writer = OpenWriter(db, {});
  if (!writer.ok()) return false;
  for (size_t i = 0; i < count; ++i) {
    if (!(*writer)->Append(windows[i].record()).ok()) return false;
  }
  return (*writer)->Commit().ok();
}

std::string LiveThroughReadOnly(const std::string& disk) {
  const std::string db = disk + "/db";
  const std::vector<Window> windows = Windows();
  if (!Store(db, windows, kWindows - 1)) return "it cannot be filled";
  if (!Remount(disk, MS_RDONLY)) return "it cannot be made read-only";
  const Status refused = OpenWriter(db, {}).status();
  if (refused.ok() || refused.message().find(db) == std::string::npos) {
    return "a writer says: " + refused.message();
  }
  const auto reader = OpenReader(db);
  if (!reader.ok()) return reader.status().message();
  const auto answer = (*reader)->Merge({});
  if (!answer.ok() || answer->records != kWindows - 1) return "a reader does not find all";
  const auto report = CheckStore(db);
  if (!report.ok() || !report->problems.empty()) return "the check finds problems";
  if (!Remount(disk, 0)) return "it cannot be made writable";
  if (!Store(db, windows, kWindows)) return "it does not go on when it may write";
  const auto all = (*reader)->Merge({});
  return all.ok() && all->records == kWindows ? "" : "not all is there once";
}

int RunOnReadOnly(const std::string& disk) {
  if (!MountTmpfs(disk)) return 2;
  const std::string wrong = LiveThroughReadOnly(disk);
  std::fprintf(stderr, "%s\n", wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

void CheckInAChild(int (*run)(const std::string& disk)) {
  const TempDir dir;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(run(dir.path()));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace

TEST_CASE("Store: on a file system that is read-only a writer is refused, and readers answer") {
  CheckInAChild(RunOnReadOnly);
}

TEST_CASE("Store: a disk full in an append, a seal or a day's total loses and doubles nothing") {
  CheckInAChild(RunOnTmpfs);
}

}  // namespace stacksampler::store
