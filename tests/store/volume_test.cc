// SPDX-License-Identifier: MIT
//
// How much was sampled when: compared with what a merge of each interval says.
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

/// Fails the test unless every interval holds what merging its windows gives, series by series.
void CheckVolumes(StoreReader* reader, const VolumeQuery& query) {
  const Result<VolumeResult> result = reader->Volumes(query);
  REQUIRE(result.ok());
  CHECK(result->warnings.empty());
  Flat counted;
  Flat expected;
  for (size_t i = 0; i < result->intervals; ++i) {
    const int64_t begin_ns = result->first_begin_ns + static_cast<int64_t>(i) * query.step_ns;
    Query merge;
    merge.from_ns = i == 0 ? query.from_ns : begin_ns + 1;
    merge.until_ns = std::min(query.until_ns, begin_ns + query.step_ns);
    merge.matches = query.matches;
    merge.keep_labels = true;
    const std::string interval = std::to_string(i) + ' ';
    const Result<QueryResult> merged = reader->Merge(merge);
    REQUIRE(merged.ok());
    for (const Sample& sample : merged->profile.samples()) {
      std::string key = interval;
      for (const auto& [name, value] : merged->profile.label_sets()[sample.labels]) {
        key += name + '=' + value + ' ';
      }
      expected[key].first += sample.weight;
      expected[key].second += sample.cpu_ns;
    }
    for (const SeriesVolume& series : result->series) {
      std::string key = interval;
      for (const auto& [name, value] : series.labels) key += name + '=' + value + ' ';
      if (series.volumes[i].weight == 0) continue;
      counted[key] = {series.volumes[i].weight, series.volumes[i].cpu_ns};
    }
  }
  CHECK(counted == expected);
}

TEST_CASE("Volumes: every interval holds what merging its windows gives, sealed or not") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  std::mt19937_64 random(7);
  for (uint64_t id = 1; id <= 90; ++id) {
    MustAppend(writer.get(),
               RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 100 * kSecond));
  }
  REQUIRE(writer->Commit().ok());
  const auto reader = MustRead(dir.path());
  for (const int64_t step : {60 * kSecond, 700 * kSecond, kHour, 24 * kHour}) {
    CheckVolumes(reader.get(), {kNoon, kNoon + 3 * kHour, {}, step});
    CheckVolumes(reader.get(), {kNoon + 100 * kSecond, kNoon + 5500 * kSecond, {}, step});
    CheckVolumes(reader.get(), {kNoon, kNoon + kHour, {{"thread", "t1", true}}, step});
  }
}

TEST_CASE("Volumes: a window that ends on a boundary is the earlier interval's") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (const int64_t seconds : {0, 1, 10, 11, 20}) {
    MustAppend(writer.get(),
               SmallWindow("a", static_cast<uint64_t>(seconds) + 1, kNoon + seconds * kSecond));
  }
  REQUIRE(writer->Commit().ok());
  const auto weights = [&](int64_t from_s, int64_t until_s) {
    const auto result =
        MustRead(dir.path())
            ->Volumes({kNoon + from_s * kSecond, kNoon + until_s * kSecond, {}, 10 * kSecond});
    REQUIRE(result.ok());
    std::vector<int64_t> sums(result->intervals);
    for (const SeriesVolume& series : result->series) {
      for (size_t i = 0; i < sums.size(); ++i) sums[i] += series.volumes[i].weight;
    }
    return sums;
  };
  CHECK(weights(0, 20) == std::vector<int64_t>{3, 2});  // the range's own begin counts at once
  CHECK(weights(5, 25) == std::vector<int64_t>{1, 2, 0});
  CHECK(weights(10, 10) == std::vector<int64_t>{1});
}

TEST_CASE("Volumes: a range with too many intervals, or none, is refused") {
  const TempDir dir;
  std::vector<std::string> warnings;
  MustWrite(dir.path(), OptionsFor(&warnings));
  const auto reader = MustRead(dir.path());
  const auto code = [&](const VolumeQuery& query) {
    return reader->Volumes(query).status().code();
  };
  CHECK(code({0, 10'000, {}, 1}) == StatusCode::kOk);
  CHECK(code({0, 10'001, {}, 1}) == StatusCode::kInvalidArgument);
  CHECK(code({INT64_MIN, INT64_MAX, {}, 1}) == StatusCode::kInvalidArgument);
  CHECK(code({0, 1, {}, 0}) == StatusCode::kInvalidArgument);
  CHECK(code({1, 0, {}, 1}) == StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace stacksampler::store
