// SPDX-License-Identifier: MIT
//
// What cannot be read for a moment is not taken for damaged: by a writer that opens the store, by a
// reader, by a repair.
#include <cerrno>
#include <filesystem>
#include <map>

#include "store/check.h"
#include "store/faulty_calls.h"
#include "store/merger.h"
#include "store/profile_store.h"
#include "store/segment.h"
#include "store/store_dir.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// A sum tells which windows are there.
int64_t WeightOf(int day) { return int64_t{1} << day; }

Window WindowOf(int day) {
  return SmallWindow("a", static_cast<uint64_t>(day) + 1, kNoon + day * kDay, WeightOf(day));
}

// Two segments, a day's total and a journal.
void Fill(const TempDir& dir) {
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  options.journal_grace = std::chrono::seconds(0);
  const auto writer = MustWrite(dir.path(), options);
  for (int i = 0; i < 3; ++i) {
    MustAppend(writer.get(), WindowOf(i));
    if (i < 2) REQUIRE(writer->Seal().ok());
  }
  REQUIRE(CountFiles(dir.path(), 'd') == 1);
}

// The content of all files, by name.
std::map<std::string, std::string> Contents(const TempDir& dir) {
  std::map<std::string, std::string> contents;
  for (const std::string& name : FilesIn(dir.path())) contents[name] = ReadFile(dir.path(name));
  return contents;
}

// Makes what one block of the first segment says wrong; answers with its name.
std::string DamageRows(const TempDir& dir) {
  std::string name;
  for (const std::string& file : FilesIn(dir.path())) {
    if (file[0] == 'h' && (name.empty() || file < name)) name = file;
  }
  std::string bytes = ReadFile(dir.path(name));
  const size_t key = bytes.rfind("rows/0/");
  REQUIRE(key != std::string::npos);
  bytes[key + 20] = static_cast<char>(bytes[key + 20] ^ 1);
  WriteFile(dir.path(name), bytes);
  return name;
}

// Nothing fails, and nothing waits for the disk.
template <typename Work>
void Unsynced(Work work) {
  const FaultyCalls calls({0, UINT64_MAX, false});
  work();
}

void RepairUnderEveryFault(int error, bool damaged) {
  for (uint64_t at = 0;; ++at) {
    const TempDir dir;
    Unsynced([&] { Fill(dir); });
    const std::string bad = damaged ? DamageRows(dir) : "";
    const auto before = Contents(dir);
    std::string failed;
    Status status;
    {
      const FaultyCalls calls({error, at, false});
      status = RepairStore(dir.path()).status();
      failed = FaultyCalls::failed();
    }
    INFO("errno " << error << " at call " << at << " (" << failed << "): " << status.message());
    CHECK((status.ok() || status.message().find(dir.path()) != std::string::npos));
    if (!damaged) CHECK(Contents(dir) == before);
    Unsynced([&] { REQUIRE(RepairStore(dir.path()).ok()); });
    auto repaired = Contents(dir);
    if (damaged) {
      CHECK(repaired[bad + ".damaged"] == before.at(bad));
      repaired.erase(bad + ".damaged");
      repaired[bad] = before.at(bad);
    }
    CHECK(repaired == before);
    // The day's total has what the segment lost.
    CHECK(TotalWeight(dir.path()) == WeightOf(0) + WeightOf(1) + WeightOf(2));
    if (failed.empty()) {
      CHECK(at > 20);
      break;
    }
  }
}

}  // namespace

TEST_CASE("Faults: a segment that cannot be read for a moment is not taken for damaged") {
  for (uint64_t at = 0;; ++at) {
    const TempDir dir;
    std::vector<std::string> warnings;
    MustAppend(MustWrite(dir.path(), OptionsFor(&warnings)).get(), WindowOf(0));
    REQUIRE(MustWrite(dir.path(), OptionsFor(&warnings))->Seal().ok());
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == 'j') std::filesystem::remove(dir.path(name));
    }
    std::string failed;
    Status refused;
    {
      const FaultyCalls calls({EIO, at, false});
      refused = OpenWriter(dir.path(), OptionsFor(&warnings)).status();
      failed = FaultyCalls::failed();
    }
    INFO("call " << at << " (" << failed << "): " << refused.message());
    CHECK(warnings.empty());
    if (failed.empty()) {
      CHECK(at > 5);
      break;
    }
    CHECK((refused.ok() || refused.message().find(dir.path()) != std::string::npos));
    const auto again = MustWrite(dir.path(), OptionsFor(&warnings))->Append(WindowOf(0).record());
    REQUIRE(again.ok());
    CHECK_FALSE(*again);
    CHECK(TotalWeight(dir.path()) == WeightOf(0));
  }
}

TEST_CASE("Faults: a block that cannot be read for a moment is not said to be damaged") {
  const TempDir dir;
  MustAppend(MustWrite(dir.path(), {}).get(), WindowOf(0));
  REQUIRE(MustWrite(dir.path(), {})->Seal().ok());
  const Result<Listing> listing = ListStore(dir.path());
  REQUIRE(listing.ok());
  const std::string path = dir.path(SegmentName(listing->segments.at(0)));
  const Query everything;
  std::string failed;
  for (uint64_t at = 0; at == 0 || !failed.empty(); ++at) {
    Profile vocabulary;
    const FaultyCalls calls({EIO, at, false});
    Result<Segment> segment = Segment::Open(path);
    Merger merger(everything, vocabulary);
    const Status status = segment.ok() ? segment->Merge({&merger}, &vocabulary) : segment.status();
    failed = FaultyCalls::failed();
    INFO("call " << at << " (" << failed << "): " << status.message());
    CHECK_FALSE(IsDamage(status));
  }
}

TEST_CASE("Faults: a repair takes nothing for damaged that cannot be read for a moment") {
  for (const int error : {EIO, EACCES, ENOSPC}) {
    for (const bool damaged : {false, true}) RepairUnderEveryFault(error, damaged);
  }
}

}  // namespace stacksampler::store
