// SPDX-License-Identifier: MIT
//
// Write, close, reopen, compare.
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
TEST_CASE("Store: an open window reads the same before and after closing") {
  const TempDir dir;
  std::vector<std::string> warnings;
  std::mt19937_64 random(1);
  std::vector<Window> windows;
  {
    const auto writer = MustWrite(dir.path("db"), OptionsFor(&warnings));
    const auto reader = MustRead(dir.path("db"));
    for (uint64_t id = 1; id <= 50; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * kSecond));
      MustAppend(writer.get(), windows.back());
      CheckAnswer(reader.get(), windows, {});
    }
    REQUIRE(writer->Commit().ok());
  }
  Query labelled;
  labelled.keep_labels = true;
  CheckAnswer(MustRead(dir.path("db")).get(), windows, labelled);
  CHECK(CountFiles(dir.path("db"), 'h') == 0);
  CHECK(warnings.empty());
}

TEST_CASE("Store: a sealed window reads as the open one did, and so does a reopened store") {
  const TempDir dir;
  std::vector<std::string> warnings;
  std::mt19937_64 random(2);
  std::vector<Window> windows;
  const auto add = [&](StoreWriter* writer, uint64_t id) {
    windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 60 * kSecond));
    MustAppend(writer, windows.back());
  };
  Query labelled;
  labelled.keep_labels = true;
  const auto reader = [&] { return MustRead(dir.path()); };
  {
    const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    for (uint64_t id = 1; id <= 20; ++id) add(writer.get(), id);
    REQUIRE(writer->Seal().ok());
    CheckAnswer(reader().get(), windows, labelled);
    for (uint64_t id = 21; id <= 30; ++id) add(writer.get(), id);
    REQUIRE(writer->Commit().ok());
  }
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (uint64_t id = 31; id <= 40; ++id) add(writer.get(), id);
  CheckAnswer(reader().get(), windows, labelled);
  REQUIRE(writer->Seal().ok());
  REQUIRE(writer->Seal().ok());
  CheckAnswer(reader().get(), windows, {});
  CHECK(CountFiles(dir.path(), 'h') == 2);
  CHECK(warnings.empty());
}

TEST_CASE("Store: windows close on aligned boundaries") {
  const TempDir dir;
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  options.min_journal_bytes = 0;
  const auto writer = MustWrite(dir.path(), options);
  uint64_t id = 0;
  for (const int64_t offset : {1, 3599, 3600, 3601, 7200, 100}) {
    MustAppend(writer.get(), SmallWindow("a", ++id, kNoon + offset * kSecond));
  }
  // Three hours began; the late record went to the window that was open.
  REQUIRE(writer->Seal().ok());
  CHECK(CountFiles(dir.path(), 'h') == 3);
  CHECK(FilesIn(dir.path())[2] == "h-" + std::to_string(kNoon) + "-00000001.gdbm");
  CHECK(TotalWeight(dir.path()) == 6);
  Query last_hour;
  last_hour.from_ns = kNoon + 7200 * kSecond;
  CHECK(MustRead(dir.path())->Merge(last_hour)->records == 1);
}

TEST_CASE("Store: a small window stays open until its day ends") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (uint64_t hour = 0; hour <= 36; ++hour) {
    MustAppend(writer.get(),
               SmallWindow("a", hour + 1, kNoon + static_cast<int64_t>(hour) * kHour));
  }
  REQUIRE(writer->Seal().ok());
  // Half a day, a whole one, and the first hour of the next.
  CHECK(CountFiles(dir.path(), 'h') == 3);
  CHECK(CountFiles(dir.path(), 'd') == 2);
  CHECK(TotalWeight(dir.path()) == 37);
}

TEST_CASE("Store: a journal that reaches its limit is sealed early") {
  const TempDir dir;
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  options.max_journal_bytes = 2000;
  const auto writer = MustWrite(dir.path(), options);
  for (uint64_t id = 1; id <= 300; ++id) {
    MustAppend(writer.get(), SmallWindow("a", id, kNoon + kSecond));
  }
  REQUIRE(writer->Seal().ok());
  CHECK(CountFiles(dir.path(), 'h') > 2);
  CHECK(TotalWeight(dir.path()) == 300);
}

TEST_CASE("Store: a superseded journal stays for the time of grace and counts once") {
  const TempDir dir;
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  {
    const auto writer = MustWrite(dir.path(), options);
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    REQUIRE(writer->Seal().ok());
    CHECK(CountFiles(dir.path(), 'j') == 1);
    CHECK(TotalWeight(dir.path()) == 1);
  }
  options.journal_grace = std::chrono::seconds(0);
  const auto writer = MustWrite(dir.path(), options);
  CHECK_FALSE(*writer->Append(SmallWindow("a", 1, kNoon).record()));
  REQUIRE(writer->Seal().ok());
  CHECK(CountFiles(dir.path(), 'j') == 0);
  CHECK(TotalWeight(dir.path()) == 1);
}

TEST_CASE("Store: a window is stored once, across seals and restarts") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const Labels target = SmallWindow("a", 1, kNoon).target;
  {
    const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    CHECK(writer->LastWindows(target).empty());
    MustAppend(writer.get(), SmallWindow("a", 7, kNoon));
    CHECK_FALSE(*writer->Append(SmallWindow("a", 7, kNoon).record()));
    REQUIRE(writer->Seal().ok());
    MustAppend(writer.get(), SmallWindow("b", 3, kNoon));
    REQUIRE(writer->Seal().ok());
    MustAppend(writer.get(), SmallWindow("c", 4, kNoon));
    REQUIRE(writer->Commit().ok());
  }
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  CHECK(writer->LastWindows(target).at(0).id == 7);
  CHECK(writer->LastWindows(SmallWindow("c", 1, kNoon).target).at(0).id == 4);
  for (const char* host : {"a", "b", "c"}) {
    CHECK_FALSE(*writer->Append(SmallWindow(host, 3, kNoon).record()));
  }
  CHECK(TotalWeight(dir.path()) == 3);
}

TEST_CASE("Store: the id stays with the store") {
  const TempDir dir;
  const TempDir other;
  const std::string id = MustWrite(dir.path(), {})->id();
  CHECK(id.size() == 16);
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(MustWrite(dir.path(), {})->id() == id);
  CHECK(MustWrite(other.path(), {})->id() != id);
}

TEST_CASE("Store: the extent spans segments and journal, and an empty store has none") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  const auto reader = MustRead(dir.path());
  CHECK(reader->StoredExtent()->empty);
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  REQUIRE(writer->Seal().ok());
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + 5 * kSecond));
  CHECK(reader->StoredExtent()->first_ns == kNoon);
  CHECK(reader->StoredExtent()->last_ns == kNoon + 5 * kSecond);
  CHECK_FALSE(reader->StoredExtent()->empty);
}

TEST_CASE("Store: a window without samples is a record of its target") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  Window idle = SmallWindow("a", 1, kNoon);
  idle.profile = Profile();
  MustAppend(writer.get(), idle);
  const auto reader = MustRead(dir.path());
  for (int sealed = 0; sealed < 2; ++sealed) {
    CHECK(reader->Merge({})->records == 1);
    CHECK((reader->Series(kNoon, kNoon)->series == std::vector<Labels>{idle.target}));
    REQUIRE(writer->Seal().ok());
  }
}

}  // namespace stacksampler::store
