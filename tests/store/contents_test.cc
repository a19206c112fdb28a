// SPDX-License-Identifier: MIT
//
// Ranges with one name hold the same records, and merging in parts is merging.
#include <algorithm>
#include <map>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string NameOf(StoreReader* reader, int64_t from_ns, int64_t until_ns) {
  const auto name = reader->Contents(from_ns, until_ns);
  REQUIRE(name.ok());
  return *name;
}

/// Two hours sealed and one open, a window every 100 seconds, of two hosts in turn.
std::vector<Window> WriteThreeHours(const std::string& dir) {
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir, OptionsFor(&warnings));
  std::vector<Window> windows;
  std::mt19937_64 random(5);
  for (uint64_t id = 1; id <= 3 * 36; ++id) {
    windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 100 * kSecond));
    MustAppend(writer.get(), windows.back());
    if (id == 36 || id == 72) REQUIRE(writer->Seal().ok());
  }
  REQUIRE(writer->Commit().ok());
  return windows;
}

TEST_CASE("Contents: ranges are of one name exactly when they hold the same records") {
  const TempDir dir;
  const std::vector<Window> windows = WriteThreeHours(dir.path("db"));
  const auto reader = MustRead(dir.path("db"));
  std::mt19937_64 random(6);
  std::map<std::string, std::string> held_by_name;
  std::map<std::string, std::string> name_by_held;
  size_t splits = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto moment = [&] {
      return kNoon + static_cast<int64_t>(random() % (3 * 3600)) * kSecond + (i % 3 - 1);
    };
    const int64_t a = moment();
    const int64_t b = i % 2 == 0 ? a + static_cast<int64_t>(random() % 700) * kSecond : moment();
    const std::string name = NameOf(reader.get(), std::min(a, b), std::max(a, b));
    std::string held;
    for (const Window& window : windows) {
      const bool in = std::min(a, b) <= window.end_ns && window.end_ns <= std::max(a, b);
      if (in) held += std::to_string(window.ref.id) + ' ';
    }
    CHECK(held_by_name.try_emplace(name, held).first->second == held);
    splits += name_by_held.try_emplace(held, name).first->second == name ? 0 : 1;
  }
  // At the border of a quarter of an hour one set of records may have two names, no more.
  CHECK(splits < 100);
}

TEST_CASE("Contents: a merge tells the name of what it merged, and a seal changes it once") {
  const TempDir dir;
  (void)WriteThreeHours(dir.path("db"));
  const auto reader = MustRead(dir.path("db"));
  const Query query = {kNoon + 50 * kSecond, kNoon + 9000 * kSecond, {{"host", "none", false}}};
  const auto merged = reader->Merge(query);
  REQUIRE(merged.ok());
  const std::string open = NameOf(reader.get(), query.from_ns, query.until_ns);
  CHECK(merged->contents == open);
  CHECK(open.size() == 32);
  std::vector<std::string> warnings;
  REQUIRE(MustWrite(dir.path("db"), OptionsFor(&warnings))->Seal().ok());
  const std::string sealed = NameOf(reader.get(), query.from_ns, query.until_ns);
  CHECK(sealed != open);
  CHECK(NameOf(MustRead(dir.path("db")).get(), query.from_ns, query.until_ns) == sealed);
}

TEST_CASE("Contents: records after a range that has passed do not change its name") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path("db"), OptionsFor(&warnings));
  const auto reader = MustRead(dir.path("db"));
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon + kSecond));
  REQUIRE(writer->Commit().ok());
  const std::string past = NameOf(reader.get(), kNoon, kNoon + 2 * kSecond);
  const std::string live = NameOf(reader.get(), kNoon, kNoon + kHour);
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + 3 * kSecond));
  REQUIRE(writer->Commit().ok());
  CHECK(NameOf(reader.get(), kNoon, kNoon + 2 * kSecond) == past);
  CHECK(NameOf(reader.get(), kNoon, kNoon + kHour) != live);
  MustAppend(writer.get(), SmallWindow("a", 3, kNoon + kSecond));  // late
  REQUIRE(writer->Commit().ok());
  CHECK(NameOf(reader.get(), kNoon, kNoon + 2 * kSecond) != past);
}

TEST_CASE("Contents: nobody vouches for a range with a file that cannot be read") {
  const TempDir dir;
  (void)WriteThreeHours(dir.path("db"));
  for (const std::string& file : FilesIn(dir.path("db"))) {
    if (file.find(".gdbm") == std::string::npos) continue;
    std::string bytes = ReadFile(dir.path("db/" + file));
    std::fill(bytes.begin() + static_cast<ptrdiff_t>(bytes.size() / 2), bytes.end(), 'x');
    WriteFile(dir.path("db/" + file), bytes);
  }
  const auto merged = MustRead(dir.path("db"))->Merge({});
  REQUIRE(merged.ok());
  CHECK_FALSE(merged->warnings.empty());
  CHECK(merged->contents.empty());
}

TEST_CASE("Merge in parts: each part is what a merge of its own gives") {
  const TempDir dir;
  const std::vector<Window> windows = WriteThreeHours(dir.path("db"));
  const auto reader = MustRead(dir.path("db"));
  for (const int64_t part_seconds : {130, 900, 4000}) {
    for (const bool keep_labels : {false, true}) {
      std::vector<Query> parts;
      for (int64_t at = kNoon + 33 * kSecond; at < kNoon + 3 * kHour;
           at += part_seconds * kSecond) {
        parts.push_back({at, at + part_seconds * kSecond - 1, {}, keep_labels});
      }
      const auto merged = reader->MergeParts(parts);
      REQUIRE(merged.ok());
      REQUIRE(merged->size() == parts.size());
      for (size_t i = 0; i < parts.size(); ++i) {
        const Recount again = CountAgain(windows, parts[i]);
        CHECK(Flatten((*merged)[i].profile) == again.samples);
        CHECK((*merged)[i].records == again.records);
      }
    }
  }
}

}  // namespace
}  // namespace stacksampler::store
