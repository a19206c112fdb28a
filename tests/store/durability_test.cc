// SPDX-License-Identifier: MIT
//
// What is said to be stored is on the disk: the system calls that see to it are ours here, and fail
// on demand.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace {

bool file_sync_fails = false;
bool dir_sync_fails = false;

int FailWithEio() {
  errno = EIO;
  return -1;
}

bool IsDirectory(int fd) {
  struct stat info = {};
  return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

extern "C" int fdatasync(int fd) {
  return file_sync_fails ? FailWithEio() : static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" int fsync(int fd) {
  if (dir_sync_fails && IsDirectory(fd)) return FailWithEio();
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace stacksampler::store {
namespace {

// Makes one kind of sync fail while it lives.
class Failing {
 public:
  explicit Failing(bool* fails) : fails_(fails) { *fails_ = true; }
  ~Failing() { *fails_ = false; }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;

 private:
  bool* const fails_;
};

}  // namespace

TEST_CASE("Store: what a killed writer left is offered only once it is on the disk") {
  const TempDir dir;
  MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 1, kNoon));
  for (bool* fails : {&file_sync_fails, &dir_sync_fails}) {
    const Failing failing(fails);
    const Status status = OpenWriter(dir.path()).status();
    CHECK_FALSE(status.ok());
    CHECK(status.message().find(dir.path()) != std::string::npos);
  }
  const Window window = SmallWindow("a", 1, kNoon);
  CHECK(MustWrite(dir.path(), {})->LastWindow(window.target)->id == 1);
}

TEST_CASE("Store: a segment whose name is not sure takes no more records, and is committed later") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + kSecond));
  {
    const Failing failing(&dir_sync_fails);
    CHECK_FALSE(writer->Seal().ok());
    CHECK_FALSE(writer->Commit().ok());
  }
  CHECK(TotalWeight(dir.path()) == 2);
  REQUIRE(writer->Append(SmallWindow("a", 3, kNoon + 2 * kSecond).record()).ok());
  REQUIRE(writer->Commit().ok());
  CHECK(TotalWeight(dir.path()) == 3);
}

}  // namespace stacksampler::store
