// SPDX-License-Identifier: MIT
#include "profile/window_log.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "profile/example_profiles.h"
#include "profile/whole_file.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

class LogFile {
 public:
  LogFile() { std::filesystem::remove(path_); }
  ~LogFile() { std::filesystem::remove(path_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/window_log_test." + std::to_string(getpid()) + kWindowLogExtension;
};

TEST_CASE("WindowLog: windows add up, and the end is seen") {
  const LogFile file;
  REQUIRE(AppendWindow(file.path(), tests::TimedProfile()).ok());
  CHECK_FALSE(ReadWindowLog(file.path())->ended);
  REQUIRE(AppendWindow(file.path(), tests::AbaaaProfile()).ok());
  REQUIRE(AppendEnd(file.path()).ok());
  const Result<WindowLog> log = ReadWindowLog(file.path());
  REQUIRE(log.ok());
  CHECK(log->windows == 2);
  CHECK(log->ended);
  CHECK_FALSE(log->cut_off);
  CHECK(log->profile.TotalWeight() == 27);
  CHECK(log->profile.timeline().size() == 9);
}

TEST_CASE("WindowLog: cut off at any byte, all whole windows remain") {
  const LogFile file;
  REQUIRE(AppendWindow(file.path(), tests::AbaaaProfile()).ok());
  const size_t first = ReadWholeFile(file.path(), 1 << 20)->size();
  REQUIRE(AppendWindow(file.path(), tests::AbaaaProfile()).ok());
  const std::string bytes = *ReadWholeFile(file.path(), 1 << 20);
  for (size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE(WriteWholeFile(file.path(), bytes.substr(0, size)).ok());
    const Result<WindowLog> log = ReadWindowLog(file.path());
    REQUIRE(log.ok());
    CHECK(log->windows == (size < first ? 0 : 1));
    CHECK(log->cut_off == (size != 0 && size != first));
  }
}

TEST_CASE("WindowLog: what is before a damaged window remains") {
  const LogFile file;
  REQUIRE(AppendWindow(file.path(), tests::AbaaaProfile()).ok());
  REQUIRE(AppendToFile(file.path(), std::string("\x02\0\0\0\0\0\0\0zz", 10)).ok());
  const Result<WindowLog> log = ReadWindowLog(file.path());
  REQUIRE(log.ok());
  CHECK(log->windows == 1);
  CHECK(log->cut_off);
}

TEST_CASE("WindowLog: a window that does not fit on the disk leaves no half of it") {
  const LogFile file;
  REQUIRE(AppendWindow(file.path(), tests::AbaaaProfile()).ok());
  const std::string before = *ReadWholeFile(file.path(), 1 << 20);
  rlimit old_limit = {};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  const rlimit limit = {before.size() + 10, old_limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const Status status = AppendWindow(file.path(), tests::AbaaaProfile());
  REQUIRE(setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  std::signal(SIGXFSZ, old_handler);
  CHECK_FALSE(status.ok());
  CHECK(*ReadWholeFile(file.path(), 1 << 20) == before);
}

TEST_CASE("WindowLog: a file that is not there is named") {
  const LogFile file;
  CHECK(ReadWindowLog(file.path()).status().message().find(file.path()) != std::string::npos);
}

}  // namespace
}  // namespace stacksampler
