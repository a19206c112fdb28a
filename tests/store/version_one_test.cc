// SPDX-License-Identifier: MIT
//
// A store that the first version wrote, kept as data: it stays readable and writable.
#include <filesystem>

#include "store/profile_store.h"
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
  }
  return windows;
}

}  // namespace

TEST_CASE("Store: a directory of version 1 reads as it was written, and takes records") {
  const TempDir dir;
  const std::string copy = dir.path("db");
  std::filesystem::copy(STACKSAMPLER_TEST_DATA "/store-v1", copy);
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

}  // namespace stacksampler::store
