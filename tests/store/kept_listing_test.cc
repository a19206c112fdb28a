// SPDX-License-Identifier: MIT
//
// A directory is listed anew when it may have changed, and only then.
#include "store/kept_listing.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// A listing of a store's directory, by a clock that the test sets.
struct Watched {
  TempDir dir;
  KeptListing::Clock::time_point now;
  KeptListing listing{dir.path(), [this] { return now; }};

  Listed After(std::chrono::milliseconds time) {
    now += time;
    const Result<Listed> listed = listing.Refresh();
    REQUIRE(listed.ok());
    return *listed;
  }
  void Settle() {
    After({});
    REQUIRE(After(KeptListing::kSettles) == Listed::kAllThere);
    REQUIRE(After({}) == Listed::kNot);
  }
  // Goes on until the file system's clock has ticked: it does not know the test's.
  void Change(const std::function<void()>& change) const {
    const auto before = std::filesystem::last_write_time(dir.path());
    change();
    while (std::filesystem::last_write_time(dir.path()) == before) {
      WriteFile(dir.path("other"), "");
      std::filesystem::remove(dir.path("other"));
    }
  }
  [[nodiscard]] std::string Segment(uint64_t number) const {
    return dir.path(SegmentName({kNoon, number}));
  }
};

}  // namespace

TEST_CASE("Kept listing: a directory is listed until it has been as it is for three seconds") {
  Watched store;
  WriteFile(store.Segment(1), "");
  CHECK(store.After({}) == Listed::kAllThere);
  CHECK(store.After(std::chrono::milliseconds(1)) == Listed::kAllThere);
  CHECK(store.After(KeptListing::kSettles) == Listed::kAllThere);
  CHECK(store.After({}) == Listed::kNot);
  CHECK(store.After(std::chrono::seconds(1)) == Listed::kNot);
  CHECK(store.listing.listing().segments.size() == 1);
}

TEST_CASE("Kept listing: what is made, renamed and removed is seen by the next look") {
  Watched store;
  store.Settle();
  store.Change([&] { WriteFile(store.Segment(1), ""); });
  CHECK(store.After({}) == Listed::kAllThere);
  CHECK(store.listing.listing().segments.size() == 1);
  store.Settle();
  store.Change([&] { std::filesystem::rename(store.Segment(1), store.Segment(2)); });
  CHECK(store.After({}) == Listed::kSomeGone);
  CHECK(store.listing.listing().segments.at(0).number == 2);
  store.Settle();
  store.Change([&] { std::filesystem::remove(store.Segment(2)); });
  CHECK(store.After({}) == Listed::kSomeGone);
  CHECK(store.listing.listing().segments.empty());
}

TEST_CASE("Kept listing: a change within a tick of the one before is seen as well") {
  Watched store;
  store.After({});
  for (uint64_t number = 1; number <= 200; ++number) {
    WriteFile(store.Segment(number), "");
    CHECK(store.After(std::chrono::milliseconds(1)) == Listed::kAllThere);
    CHECK(store.listing.listing().segments.size() == number);
  }
}

TEST_CASE("Kept listing: another directory under its name is listed") {
  Watched store;
  WriteFile(store.Segment(1), "");
  store.Settle();
  const std::string aside = store.dir.path() + ".aside";
  std::filesystem::rename(store.dir.path(), aside);
  std::filesystem::create_directory(store.dir.path());
  CHECK(store.After({}) == Listed::kSomeGone);
  CHECK(store.listing.listing().segments.empty());
  std::filesystem::remove_all(aside);
}

TEST_CASE("Kept listing: it is made anew after ten seconds, and when it is to be forgotten") {
  Watched store;
  store.Settle();
  CHECK(store.After(KeptListing::kLongest - std::chrono::seconds(1)) == Listed::kNot);
  CHECK(store.After(std::chrono::seconds(1)) == Listed::kAllThere);
  CHECK(store.After(std::chrono::seconds(1)) == Listed::kNot);
  store.listing.Forget();
  CHECK(store.After({}) == Listed::kAllThere);
}

TEST_CASE("Kept listing: a directory that is gone is an error, and is listed when it is back") {
  Watched store;
  WriteFile(store.Segment(1), "");
  store.Settle();
  const std::string aside = store.dir.path() + ".aside";
  std::filesystem::rename(store.dir.path(), aside);
  CHECK_FALSE(store.listing.Refresh().ok());
  std::filesystem::rename(aside, store.dir.path());
  CHECK(store.After({}) == Listed::kAllThere);
  CHECK(store.listing.listing().segments.size() == 1);
}

}  // namespace stacksampler::store
