// SPDX-License-Identifier: MIT
//
// Damaged files: never a crash, never a wrong sum without a warning that names the file.
#include <filesystem>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/repeats.h"

namespace stacksampler::store {
namespace {

// A store of two segments and a journal, and what it holds.
struct Fixture {
  TempDir dir;
  std::vector<Window> windows;
  std::string segment;
  std::string journal;

  Fixture() {
    std::mt19937_64 random(7);
    WriterOptions options;
    options.journal_grace = std::chrono::seconds(0);
    const auto writer = MustWrite(dir.path(), options);
    for (uint64_t id = 1; id <= 24; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 60 * kSecond));
      MustAppend(writer.get(), windows.back());
      if (id == 8 || id == 16) REQUIRE(writer->Seal().ok());
    }
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == 'h') segment = name;
      if (name[0] == 'j') journal = name;
    }
  }
};

std::string Damage(std::mt19937_64* random, std::string bytes) {
  auto& next = *random;
  switch (next() % 4) {
    case 0:
      bytes.resize(next() % bytes.size());
      break;
    case 1:
      for (int i = 0; i < 16; ++i) bytes[next() % bytes.size()] = static_cast<char>(next());
      break;
    default:
      bytes[next() % bytes.size()] ^= static_cast<char>(1 << next() % 8);
  }
  return bytes;
}

// Right, or with a warning that names the file.
bool AnswersHonestly(const Fixture& store, const std::string& name, const Query& query) {
  const Result<QueryResult> answer = MustRead(store.dir.path())->Merge(query);
  REQUIRE(answer.ok());
  REQUIRE(answer->profile.Validate().ok());
  if (Mentions(answer->warnings, name)) return true;
  const Recount expected = CountAgain(store.windows, query);
  return Flatten(answer->profile) == expected.samples && answer->records == expected.records;
}

void ExpectHonesty(const std::string Fixture::*file, uint64_t seed, bool boundary_cuts_show) {
  const Fixture store;
  const std::string path = store.dir.path(store.*file);
  const std::string good = ReadFile(path);
  std::mt19937_64 random(seed);
  for (int i = 0; i < Repeats(1000); ++i) {
    const std::string bad = Damage(&random, good);
    WriteFile(path, bad);
    Query query;
    query.keep_labels = i % 2 == 0;
    if (i % 3 == 0) query.until_ns = kNoon + 12 * 60 * kSecond;
    if (i % 5 == 0) query.matches.push_back({"thread", "t1", false});
    INFO("damage " << i << ", " << bad.size() << " of " << good.size() << " bytes");
    const bool whole_records = !boundary_cuts_show && bad == good.substr(0, bad.size());
    CHECK((whole_records || AnswersHonestly(store, store.*file, query)));
    CHECK(MustRead(store.dir.path())->StoredExtent().ok());
    CHECK(MustRead(store.dir.path())->Series(INT64_MIN, INT64_MAX).ok());
  }
}

}  // namespace

TEST_CASE("Store: a damaged segment is named, the others answer") {
  ExpectHonesty(&Fixture::segment, 11, true);
}

TEST_CASE("Store: a damaged journal is named, the segments answer") {
  // A journal cut off between two records is what it was a moment earlier.
  ExpectHonesty(&Fixture::journal, 12, false);
}

TEST_CASE("Store: a writer goes on beside whatever damage, and keeps a damaged journal aside") {
  std::mt19937_64 random(13);
  const Fixture pristine;
  const std::string copy = pristine.dir.path("copy");
  for (int i = 0; i < 200; ++i) {
    std::filesystem::remove_all(copy);
    std::filesystem::create_directory(copy);
    for (const std::string& name : FilesIn(pristine.dir.path())) {
      if (name == "copy") continue;
      const std::string bytes = ReadFile(pristine.dir.path(name));
      const bool hit = name == (i % 2 == 0 ? pristine.journal : pristine.segment);
      WriteFile(copy + "/" + name, hit ? Damage(&random, bytes) : bytes);
    }
    const int64_t before = TotalWeight(copy);
    std::vector<std::string> warnings;
    const auto writer = MustWrite(copy, OptionsFor(&warnings));
    MustAppend(writer.get(), SmallWindow("new", 1, kNoon + 2 * kHour, 5));
    REQUIRE(writer->Commit().ok());
    CHECK(TotalWeight(copy) == before + 5);
    REQUIRE(writer->Seal().ok());
    CHECK(TotalWeight(copy) == before + 5);
  }
}

TEST_CASE("Store: a journal damaged in its middle is set aside and stays named") {
  const Fixture store;
  const std::string path = store.dir.path(store.journal);
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] ^= 1;
  WriteFile(path, bytes);
  std::vector<std::string> warnings;
  MustWrite(store.dir.path(), OptionsFor(&warnings));
  CHECK(Mentions(warnings, store.journal + ".damaged"));
  CHECK(ReadFile(path + ".damaged") == bytes);
  CHECK_FALSE(std::filesystem::exists(path));
  const Result<QueryResult> answer = MustRead(store.dir.path())->Merge({});
  CHECK(Mentions(answer->warnings, store.journal + ".damaged"));
  CHECK(answer->records > 16);
  CHECK(answer->records < 24);
}

TEST_CASE(
    "Store: a last record torn at any byte is left out by readers and cut off by the writer") {
  const TempDir dir;
  std::string journal;
  size_t first_record = 0;
  {
    const auto writer = MustWrite(dir.path("db"), {});
    MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
    for (const std::string& name : FilesIn(dir.path("db"))) {
      if (name[0] == 'j') journal = dir.path("db/" + name);
    }
    first_record = ReadFile(journal).size();
    MustAppend(writer.get(), SmallWindow("a", 2, kNoon, 10));
  }
  const std::string whole = ReadFile(journal);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteFile(journal, whole.substr(0, size));
    const int64_t stored = size >= first_record ? 1 : 0;
    const bool torn = size != first_record && size != 0 && size != 16;
    const Result<QueryResult> answer = MustRead(dir.path("db"))->Merge({});
    CHECK(answer->profile.TotalWeight() == stored);
    CHECK(answer->warnings.size() == (torn ? 1 : 0));
    std::vector<std::string> warnings;
    const auto writer = MustWrite(dir.path("db"), OptionsFor(&warnings));
    CHECK(warnings.size() == (torn ? 1 : 0));
    MustAppend(writer.get(), SmallWindow("a", 2, kNoon, 100));
    CHECK(TotalWeight(dir.path("db")) == stored + 100);
    CHECK(MustRead(dir.path("db"))->Merge({})->warnings.empty());
  }
}

TEST_CASE("Store: zeros behind the last record, as after a power cut, are cut off") {
  const TempDir dir;
  { MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 1, kNoon)); }
  for (const std::string& name : FilesIn(dir.path())) {
    if (name[0] == 'j') WriteFile(dir.path(name), ReadFile(dir.path(name)) + std::string(5000, 0));
  }
  CHECK(TotalWeight(dir.path()) == 1);
  std::vector<std::string> warnings;
  MustAppend(MustWrite(dir.path(), OptionsFor(&warnings)).get(), SmallWindow("a", 2, kNoon));
  CHECK(warnings.size() == 1);
  CHECK(TotalWeight(dir.path()) == 2);
}

}  // namespace stacksampler::store
