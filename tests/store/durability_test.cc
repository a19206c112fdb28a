// SPDX-License-Identifier: MIT
//
// What is said to be stored is on the disk, or will be found again.
#include <algorithm>
#include <cerrno>

#include "store/faulty_calls.h"
#include "store/profile_store.h"
#include "store/store_dir.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string JournalIn(const std::string& dir) {
  for (const std::string& name : FilesIn(dir)) {
    if (name[0] == 'j') return dir + "/" + name;
  }
  return "";
}

}  // namespace

TEST_CASE("Store: what a killed writer left is offered only once it is on the disk") {
  const TempDir dir;
  MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 1, kNoon));
  for (const Sync kind : {Sync::kFile, Sync::kDirectory}) {
    const FailingSync failing(kind);
    const Status status = OpenWriter(dir.path()).status();
    CHECK_FALSE(status.ok());
    CHECK(status.message().find(dir.path()) != std::string::npos);
  }
  const Window window = SmallWindow("a", 1, kNoon);
  CHECK(MustWrite(dir.path(), {})->LastWindows(window.target).at(0).id == 1);
}

TEST_CASE("Store: what a failed fdatasync left is written again before the next start trusts it") {
  const TempDir dir;
  const ForgetfulDisk disk;
  const std::string db = dir.path("db");
  {
    const auto writer = MustWrite(db, {});
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    REQUIRE(writer->Commit().ok());
    MustAppend(writer.get(), SmallWindow("a", 2, kNoon + kSecond, 10));
    const FailingSync failing(Sync::kFile);
    REQUIRE_FALSE(writer->Commit().ok());
  }  // and killed before the next Commit() could seal
  const std::string journal = JournalIn(db);
  REQUIRE(disk.Content(journal) != ReadFile(journal));
  const auto writer = MustWrite(db, {});
  REQUIRE(writer->LastWindows(SmallWindow("a", 1, kNoon).target).at(0).id == 2);
  CHECK(disk.Content(journal) == ReadFile(journal));
}

TEST_CASE("Store: a segment whose name is not sure takes no more records, and is committed later") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + kSecond));
  {
    const FailingSync failing(Sync::kDirectory);
    CHECK_FALSE(writer->Seal().ok());
    CHECK_FALSE(writer->Commit().ok());
  }
  CHECK(TotalWeight(dir.path()) == 2);
  REQUIRE(writer->Append(SmallWindow("a", 3, kNoon + 2 * kSecond).record()).ok());
  REQUIRE(writer->Commit().ok());
  CHECK(TotalWeight(dir.path()) == 3);
}

TEST_CASE("Store: left-overs go even where the disk does not take the store's version") {
  const TempDir dir;
  MustWrite(dir.path(), {});
  const std::string unfinished = SegmentName({1, kNoon}) + ".tmp";
  WriteFile(dir.path(unfinished), "as much as the disk took");
  {
    const FailingSync failing(Sync::kDirectory);
    REQUIRE_FALSE(OpenWriter(dir.path()).ok());
  }
  const std::vector<std::string> files = FilesIn(dir.path());
  CHECK(std::count(files.begin(), files.end(), unfinished) == 0);
}

}  // namespace stacksampler::store
