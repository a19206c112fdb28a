// SPDX-License-Identifier: MIT
#include <fmt/core.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/errno_status.h"
#include "cpuprofile/child_process.h"
#include "cpuprofile/preload_environment.h"
#include "cpuprofile/program_check.h"
#include "cpuprofile/record.h"
#include "cpuprofile/signals.h"
#include "profile/window_log.h"

namespace stacksampler::cpuprofile {
namespace {

using Clock = std::chrono::steady_clock;

// The program's own clock for --seconds starts a little after ours, and a busy machine lets it
// wait.
constexpr std::chrono::seconds kEndPatience{5};
constexpr std::chrono::milliseconds kEndPoll{50};

class LogFolder {
 public:
  static Result<LogFolder> Make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "cpuprofile-XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) {
      return ErrnoStatus(errno, "make a folder in TMPDIR", "set TMPDIR to one that exists");
    }
    return LogFolder(std::move(path));
  }
  LogFolder(LogFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  LogFolder& operator=(LogFolder&&) = delete;
  ~LogFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string LogOf(pid_t pid) const {
    return path_ + '/' + std::to_string(pid) + kWindowLogExtension;
  }

 private:
  explicit LogFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The program's windows, and those of programs that it ran.
Result<Profile> MergeLogs(const LogFolder& folder, const std::string& program) {
  Profile merged;
  uint64_t windows = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const Result<WindowLog> log = ReadWindowLog(entry.path().string());
    if (!log.ok()) return log.status();
    merged.Merge(log->profile);
    windows += log->windows;
    if (log->cut_off) {
      Say("warning: a recording of " + program +
          " ends in the middle of a window, as when it was killed; what came before is kept");
    }
  }
  if (windows > 0) return merged;
  return Status(StatusCode::kUnavailable,
                "no samples came from " + program +
                    "; it ended at once, or runs its work with an environment of its own");
}

Status WriteMerged(const LogFolder& folder, const RecordOptions& options,
                   const std::string& program) {
  Result<Profile> merged = MergeLogs(folder, program);
  if (!merged.ok()) return merged.status();
  const Result<Profile> profile = KeepThread(*std::move(merged), options.thread);
  return profile.ok() ? WriteOutput(options.output, *profile) : profile.status();
}

bool LogEnded(const std::string& path) {
  const Result<WindowLog> log = ReadWindowLog(path);
  return log.ok() && log->ended;
}

// True when the program ended before its recording.
bool WaitForRecording(ChildProcess* child, const LogFolder& folder, std::chrono::seconds duration) {
  const auto deadline = Clock::now() + duration;
  if (child->WaitUntil(deadline)) return true;
  while (!LogEnded(folder.LogOf(child->pid())) && Clock::now() < deadline + kEndPatience) {
    if (child->WaitUntil(Clock::now() + kEndPoll)) return true;
  }
  return false;
}

}  // namespace

Result<int> RecordProgram(const RecordOptions& options, const std::vector<std::string>& command) {
  const std::string& program = command[0];
  if (Status status = CheckWritable(options.output.path); !status.ok()) return status;
  const Result<std::string> path = FindProgram(program);
  if (!path.ok()) return path.status();
  if (Status status = CheckPreloadable(*path); !status.ok()) return status;
  const Result<std::string> library = FindPreloadLibrary();
  if (!library.ok()) return library.status();
  const Result<LogFolder> folder = LogFolder::Make();
  if (!folder.ok()) return folder.status();

  Signals signals;
  Result<ChildProcess> child = ChildProcess::Start(
      *path, command, PreloadEnvironment(*library, folder->path(), options), &signals);
  if (!child.ok()) return child.status();
  Status written;
  const bool early = options.duration && !WaitForRecording(&*child, *folder, *options.duration);
  if (early) {
    written = WriteMerged(*folder, options, program);
    if (written.ok()) Say(program + " goes on; waiting for its end");
  }
  while (!child->WaitUntil(Clock::now() + std::chrono::hours(1))) continue;
  if (!early) written = WriteMerged(*folder, options, program);
  const std::string complaint = child->Complaint();
  if (!complaint.empty()) Say("warning: " + program + ' ' + complaint);
  if (!written.ok()) return written;
  return child->ExitCode();
}

}  // namespace stacksampler::cpuprofile
