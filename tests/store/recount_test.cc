// SPDX-License-Identifier: MIT
//
// Random windows, seals, ranges and filters, against a recount.

#include "store/profile_store.h"
#include "store/store_dir.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
TEST_CASE("Store: random windows, ranges and filters are answered as a recount answers them") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    std::mt19937_64 random(seed);
    const TempDir dir;
    std::vector<std::string> warnings;
    WriterOptions options = OptionsFor(&warnings);
    options.segment_ns = seed % 2 == 0 ? kHour : 7 * 60 * kSecond;
    options.min_journal_bytes = seed == 3 ? 2000 : 0;
    // Within a day, or so long that most of it is in totals of days.
    const int64_t span_ns = seed == 1 ? 5 * kHour : 5 * kDay;
    auto writer = MustWrite(dir.path(), options);
    const auto reader = MustRead(dir.path());
    std::vector<Window> windows;
    for (uint64_t id = 1; id <= 250; ++id) {
      // Mostly in order, as clocks go; sometimes late.
      const int64_t at = kNoon + span_ns / 250 * static_cast<int64_t>(id);
      const int64_t late = random() % 10 == 0 ? static_cast<int64_t>(random() % kHour) : 0;
      windows.push_back(RandomWindow(&random, id, std::max(kNoon, at - late)));
      MustAppend(writer.get(), windows.back());
      if (random() % 60 == 0) REQUIRE(writer->Seal().ok());
      if (random() % 60 == 0) {
        writer.reset();
        writer = MustWrite(dir.path(), options);
      }
      if (id % 5 == 0) CheckAnswer(reader.get(), windows, RandomQuery(&random, span_ns));
    }
    for (int i = 0; i < 80; ++i) {
      const Query query = RandomQuery(&random, span_ns);
      CheckAnswer(reader.get(), windows, query);
      CHECK((reader->Series(query.from_ns, query.until_ns)->series == SeriesAgain(windows, query)));
    }
    CHECK(warnings.empty());
  }
}

TEST_CASE("Store: a filter that leaves nothing out is answered by the sums over all series") {
  std::mt19937_64 random(4);
  const TempDir dir;
  std::vector<std::string> warnings;
  std::vector<Window> windows;
  {
    const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    for (uint64_t id = 1; id <= 20; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 60 * kSecond));
      MustAppend(writer.get(), windows.back());
    }
    REQUIRE(writer->Seal().ok());
  }
  const Result<Listing> listing = ListStore(dir.path());
  REQUIRE(listing.ok());
  // So that whoever adds up targets says so.
  BreakValue(dir.path(SegmentName(listing->segments.at(0))), "total/0");
  const auto reader = MustRead(dir.path());
  Query query;
  query.matches = {{"port", "16384", false}};
  CheckAnswer(reader.get(), windows, query);
  query.matches.push_back({"host", "none", true});
  CheckAnswer(reader.get(), windows, query);
  for (const std::string left_out : {"h0", "h1", "h2"}) {
    Query part = query;
    part.matches.push_back({"host", left_out, true});
    CHECK(reader->Merge(part)->records < 20);
  }
  query.keep_labels = true;
  CHECK_FALSE(reader->Merge(query)->warnings.empty());
}

TEST_CASE("Store: an edge of the range falls on a window's end, inclusive on both sides") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  const auto reader = MustRead(dir.path());
  for (uint64_t id = 1; id <= 3; ++id) {
    MustAppend(writer.get(), SmallWindow("a", id, kNoon + static_cast<int64_t>(id)));
  }
  for (int sealed = 0; sealed < 2; ++sealed) {
    Query query;
    query.from_ns = kNoon + 2;
    query.until_ns = kNoon + 2;
    CHECK(reader->Merge(query)->records == 1);
    query.from_ns = kNoon + 1;
    CHECK(reader->Merge(query)->records == 2);
    query.until_ns = kNoon;
    CHECK(reader->Merge(query)->records == 0);
    REQUIRE(writer->Seal().ok());
  }
}

TEST_CASE("Store: targets of different rates merge into CPU time and no single period") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  Window fast = SmallWindow("a", 1, kNoon, 10);
  Window slow = SmallWindow("b", 1, kNoon, 10);
  slow.profile.period_ns = 20'000'000;
  MustAppend(writer.get(), fast);
  const auto reader = MustRead(dir.path());
  CHECK(reader->Merge({})->profile.period_ns == 5'000'000);
  MustAppend(writer.get(), slow);
  for (int sealed = 0; sealed < 2; ++sealed) {
    const Result<QueryResult> answer = reader->Merge({});
    CHECK(answer->profile.period_ns == 0);
    CHECK(answer->profile.TotalWeight() == 20);
    CHECK(answer->profile.TotalCpuNs() == 250'000'000);
    REQUIRE(writer->Seal().ok());
  }
}

}  // namespace stacksampler::store
