// SPDX-License-Identifier: MIT
#include "store/journal_tail.h"

#include <set>

#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// The journal of three windows: "a" with sample times, "b", and "a" again, a minute after each
// other, which weigh 1, 10 and 100.
struct Journaled {
  TempDir dir;
  std::string path;
  Profile vocabulary;

  Journaled() {
    const auto writer = MustWrite(dir.path(), {});
    Window first = SmallWindow("a", 1, End(0));
    first.bucket_ns = 20'000'000;
    const Sample& sample = first.profile.samples()[0];
    first.times = {{first.start_ns, sample.stack, sample.labels, 1}};
    MustAppend(writer.get(), first);
    MustAppend(writer.get(), SmallWindow("b", 1, End(1), 10));
    MustAppend(writer.get(), SmallWindow("a", 2, End(2), 100));
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == 'j') path = dir.path(name);
    }
  }
  static int64_t End(int minute) { return kNoon + minute * 60 * kSecond; }
  JournalTail Tail() {
    JournalTail tail(path);
    REQUIRE(tail.Refresh(&vocabulary).ok());
    REQUIRE(tail.log().records().size() == 3);
    return tail;
  }
};

}  // namespace

TEST_CASE("Journal: an answer has the records in its range, of the labels asked for") {
  Journaled journal;
  const JournalTail tail = journal.Tail();
  const auto weight = [&](const Query& query) {
    Merger merger(query, journal.vocabulary);
    tail.Merge(&merger);
    return merger.Take()->TotalWeight();
  };
  CHECK(weight({}) == 111);
  CHECK(weight({Journaled::End(1), INT64_MAX, {}, false}) == 110);
  CHECK(weight({INT64_MIN, Journaled::End(0), {}, true}) == 1);
  CHECK(weight({INT64_MIN, INT64_MAX, {{"host", "b", false}}, false}) == 10);
}

TEST_CASE("Journal: volumes have the records in their range, of the labels asked for") {
  Journaled journal;
  const JournalTail tail = journal.Tail();
  const auto weight = [&](int64_t from_ns, const std::vector<LabelMatch>& matches) {
    const VolumeQuery query = {from_ns, Journaled::End(5), matches, kHour};
    VolumeSums sums(query, journal.vocabulary);
    tail.AddVolumes(&sums);
    const auto volumes = sums.Take();
    int64_t sum = 0;
    for (const SeriesVolume& series : volumes->series) {
      for (const Volume& volume : series.volumes) sum += volume.weight;
    }
    return sum;
  };
  CHECK(weight(Journaled::End(0), {}) == 111);
  CHECK(weight(Journaled::End(1), {}) == 110);
  CHECK(weight(Journaled::End(0), {{"host", "b", false}}) == 10);
}

TEST_CASE(
    "Journal: sample times are those of the records that have them, of the labels asked for") {
  Journaled journal;
  const JournalTail tail = journal.Tail();
  const auto weight = [&](const SampleTimesQuery& query) {
    TimesSums sums(query, journal.vocabulary);
    tail.AddTimes(&sums);
    const auto times = sums.Take();
    int64_t sum = 0;
    for (const TimedSample& timed : times->profile.timeline()) sum += timed.weight;
    return sum;
  };
  CHECK(weight({0, INT64_MAX, {}, true}) == 1);
  CHECK(weight({Journaled::End(1), INT64_MAX, {}, true}) == 0);
  CHECK(weight({0, INT64_MAX, {{"host", "b", false}}, true}) == 0);
}

TEST_CASE("Journal: what a range holds has a name, and none where it holds nothing") {
  Journaled journal;
  const JournalTail tail = journal.Tail();
  const uint64_t all = tail.Contents({});
  CHECK(all != 0);
  CHECK(tail.Contents({Journaled::End(0), Journaled::End(2)}) == all);
  CHECK(tail.Contents({Journaled::End(1), Journaled::End(2)}) != all);
  CHECK(tail.Contents({Journaled::End(3), INT64_MAX}) == 0);
  std::set<LabelSetId> found;
  tail.CollectSeries({Journaled::End(3), INT64_MAX}, &found);
  CHECK(found.empty());
  tail.CollectSeries({}, &found);
  CHECK(found.size() == 2);
}

}  // namespace stacksampler::store
