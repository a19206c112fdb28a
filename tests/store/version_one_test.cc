// SPDX-License-Identifier: MIT
//
// A store that the first version wrote, kept as data: it stays readable and writable.
#include <gdbm.h>

#include <filesystem>

#include "store/check.h"
#include "store/profile_store.h"
#include "store/store_dir.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// What was stored: 12 windows, sealed after the fifth and the ninth.
std::vector<Window> StoredWindows() {
  std::mt19937_64 random(5);
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= 12; ++id) {
    windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 240 * kSecond));
    windows.back().own_labels_win = true;
  }
  return windows;
}

// A copy of the directory, which tests may change.
std::string CopyIn(const TempDir& dir) {
  const std::string copy = dir.path("db");
  std::filesystem::copy(STACKSAMPLER_TEST_DATA "/store-v1", copy);
  return copy;
}

void Store(const std::string& path, std::string key, std::string value) {
  gdbm_file_info* const file = gdbm_open(path.c_str(), 0, GDBM_WRITER, 0, nullptr);
  REQUIRE(file != nullptr);
  const datum name = {key.data(), static_cast<int>(key.size())};
  CHECK(gdbm_store(file, name, {value.data(), static_cast<int>(value.size())}, GDBM_INSERT) == 0);
  gdbm_close(file);
}

std::string VersionLine(const std::string& store) {
  const std::string text = ReadFile(store + "/STORE");
  return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("Store: a directory of version 1 is found good, and nothing in it is changed by that") {
  const TempDir dir;
  const std::string copy = CopyIn(dir);
  const Result<CheckReport> report = CheckStore(copy);
  REQUIRE(report.ok());
  CHECK(report->problems.empty());
  CHECK(report->records == StoredWindows().size());
  CheckAnswer(MustRead(copy).get(), StoredWindows(), {});
  CHECK(VersionLine(copy) == "stackcollector store version 1");
}

TEST_CASE("Store: one of version 1 gets this version before a writer or a repair writes into it") {
  const TempDir dir;
  const std::string copy = CopyIn(dir);
  REQUIRE(MustWrite(copy, {}) != nullptr);
  CHECK(VersionLine(copy) == "stackcollector store version 3");
  const TempDir other;
  const std::string repaired = CopyIn(other);
  REQUIRE(RepairStore(repaired).ok());
  CHECK(VersionLine(repaired) == "stackcollector store version 3");
  CheckAnswer(MustRead(repaired).get(), StoredWindows(), {});
}

TEST_CASE("Store: a directory of version 1 reads as it was written, and takes records") {
  const TempDir dir;
  const std::string copy = CopyIn(dir);
  std::vector<Window> windows = StoredWindows();
  Query labelled;
  labelled.keep_labels = true;
  Query part = labelled;
  part.from_ns = kNoon + 500 * kSecond;
  part.until_ns = kNoon + 2200 * kSecond;
  for (const Query& query : {Query(), labelled, part}) {
    CheckAnswer(MustRead(copy).get(), windows, query);
  }
  std::vector<std::string> warnings;
  const auto writer = MustWrite(copy, OptionsFor(&warnings));
  CHECK(writer->id() == "7935244b9b25211d");
  CHECK_FALSE(*writer->Append(windows.front().record()));
  windows.push_back(SmallWindow("a", 1, kNoon + kHour));
  MustAppend(writer.get(), windows.back());
  REQUIRE(writer->Seal().ok());
  CheckAnswer(MustRead(copy).get(), windows, labelled);
  CHECK(warnings.empty());
}

TEST_CASE(
    "Store: the version of a segment tells where its table is, not what is under a later key") {
  const TempDir dir;
  const std::string copy = CopyIn(dir);
  for (const std::string& name : FilesIn(copy)) {
    if (name[0] == 'h') Store(PathIn(copy, name), "ordered", "no table");
  }
  CheckAnswer(MustRead(copy).get(), StoredWindows(), {});
}

}  // namespace stacksampler::store
