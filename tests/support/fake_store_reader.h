// SPDX-License-Identifier: MIT
//
// Purpose: a store in memory for tests: answers as the real ones promise to, keeps what it was
//   asked, and fails when told to.
// Thread safety: none.
#ifndef STACKSAMPLER_TESTS_SUPPORT_FAKE_STORE_READER_H_
#define STACKSAMPLER_TESTS_SUPPORT_FAKE_STORE_READER_H_

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/merger.h"
#include "store/profile_store.h"

namespace stacksampler {

class FakeStoreReader : public store::StoreReader {
 public:
  void Add(Labels target, int64_t end_ns, Profile profile) {
    records_.push_back({std::move(target), end_ns, std::move(profile)});
  }

  std::optional<Status> failure;      // answered to everything when set
  std::vector<std::string> warnings;  // of every Merge(), StoredExtent() and Series()
  store::Query last_query;

  int merges = 0;  // passes over the records: Merge(), MergeParts(), Volumes(), SampleTimesOf()
  int64_t bucket_ns = 20'000'000;       // of the timelines in the records
  std::optional<Status> times_failure;  // answered to SampleTimesOf() alone
  /// Called at the beginning of each Merge(): where a test wants two of them at once.
  std::function<void()> on_merge = [] {};

  Result<std::string> Contents(int64_t from_ns, int64_t until_ns) override {
    if (failure) return *failure;
    std::string name = "of";
    for (size_t i = 0; i < records_.size(); ++i) {
      if (records_[i].end_ns < from_ns || records_[i].end_ns > until_ns) continue;
      name += ' ' + std::to_string(i);
    }
    return name;
  }

  Result<std::vector<store::QueryResult>> MergeParts(
      const std::vector<store::Query>& parts) override {
    if (failure) return *failure;
    std::vector<store::QueryResult> results;
    for (const store::Query& part : parts) {
      results.push_back(*MergeOne(part));
      results.back().contents = *Contents(parts.front().from_ns, parts.back().until_ns);
    }
    ++merges;
    return results;
  }

  Result<store::QueryResult> Merge(const store::Query& query) override {
    if (failure) return *failure;
    ++merges;
    on_merge();
    return MergeOne(query);
  }

  Result<store::QueryResult> MergeOne(const store::Query& query) {
    last_query = query;
    store::QueryResult result;
    result.warnings = warnings;
    result.contents = *Contents(query.from_ns, query.until_ns);
    for (const Stored& record : records_) {
      if (record.end_ns < query.from_ns || record.end_ns > query.until_ns) continue;
      result.records += MergeRecord(record, query, &result.profile) ? 1 : 0;
    }
    return result;
  }

  Result<store::VolumeResult> Volumes(const store::VolumeQuery& query) override {
    if (failure) return *failure;
    ++merges;
    store::VolumeResult result;
    result.contents = *Contents(query.from_ns, query.until_ns);
    const int64_t step = query.step_ns;
    const int64_t first = query.from_ns / step;
    const auto place = [&](int64_t end_ns) {
      return static_cast<size_t>(std::max<int64_t>((end_ns - 1) / step - first, 0));
    };
    result.first_begin_ns = first * step;
    result.intervals = place(query.until_ns) + 1;
    for (const Stored& record : records_) {
      if (record.end_ns < query.from_ns || record.end_ns > query.until_ns) continue;
      for (const Sample& sample : record.profile.samples()) {
        const Labels labels = FullLabels(record, sample);
        if (!store::Matches(labels, query.matches)) continue;
        result.series.push_back({labels, std::vector<store::Volume>(result.intervals)});
        result.series.back().volumes[place(record.end_ns)] = {sample.weight, sample.cpu_ns};
        result.knows_cpu = result.knows_cpu && sample.cpu_ns > 0;
      }
    }
    return result;
  }

  Result<store::SampleTimes> SampleTimesOf(const store::SampleTimesQuery& query) override {
    if (failure) return *failure;
    if (times_failure) return *times_failure;
    if (const Status bad = store::CheckSampleTimesQuery(query); !bad.ok()) return bad;
    ++merges;
    store::SampleTimes times = store::NoSampleTimes(query);
    times.warnings = warnings;
    for (const Stored& record : records_) AddTimes(record, query, &times.profile);
    if (!times.profile.timeline().empty()) times.bucket_ns = bucket_ns;
    return times;
  }

  Result<store::Extent> StoredExtent() override {
    if (failure) return *failure;
    store::Extent extent;
    extent.warnings = warnings;
    for (const Stored& record : records_) {
      extent.first_ns = extent.empty ? record.end_ns : std::min(extent.first_ns, record.end_ns);
      extent.last_ns = extent.empty ? record.end_ns : std::max(extent.last_ns, record.end_ns);
      extent.empty = false;
    }
    return extent;
  }

  Result<store::SeriesResult> Series(int64_t from_ns, int64_t until_ns) override {
    if (failure) return *failure;
    std::vector<Labels> series;
    for (const Stored& record : records_) {
      if (record.end_ns < from_ns || record.end_ns > until_ns) continue;
      for (const Sample& sample : record.profile.samples()) {
        series.push_back(FullLabels(record, sample));
      }
    }
    std::sort(series.begin(), series.end());
    series.erase(std::unique(series.begin(), series.end()), series.end());
    return store::SeriesResult{std::move(series), warnings};
  }

 private:
  struct Stored {
    Labels target;
    int64_t end_ns;
    Profile profile;
  };

  static Labels FullLabels(const Stored& record, const Sample& sample) {
    Labels labels = record.target;
    const Labels& own = record.profile.label_sets()[sample.labels];
    labels.insert(labels.end(), own.begin(), own.end());
    std::sort(labels.begin(), labels.end());
    return labels;
  }

  static FrameId CopyFrame(const Profile& from, FrameId id, Profile* to) {
    Frame frame = from.frames()[id];
    const Mapping& mapping = from.mappings()[frame.mapping];
    frame.name = to->InternString(from.String(frame.name));
    frame.mangled_name = to->InternString(from.String(frame.mangled_name));
    frame.file = to->InternString(from.String(frame.file));
    frame.mapping = to->InternMapping(from.String(mapping.module), from.String(mapping.build_id));
    return to->InternFrame(frame);
  }

  static bool MergeRecord(const Stored& record, const store::Query& query, Profile* into) {
    Profile part;
    part.period_ns = record.profile.period_ns;
    for (const Sample& sample : record.profile.samples()) {
      const Labels labels = FullLabels(record, sample);
      if (!store::Matches(labels, query.matches)) continue;
      StackId stack = 0;
      for (const FrameId frame : record.profile.StackFrames(sample.stack)) {
        stack = part.InternStack(stack, CopyFrame(record.profile, frame, &part));
      }
      part.AddSample(stack, query.keep_labels ? part.InternLabels(labels) : 0, sample.weight,
                     sample.cpu_ns);
    }
    into->Merge(part);
    return !part.samples().empty();
  }

  static void AddTimes(const Stored& record, const store::SampleTimesQuery& query, Profile* into) {
    into->period_ns = record.profile.period_ns;
    for (const TimedSample& timed : record.profile.timeline()) {
      if (timed.time_ns < query.from_ns || timed.time_ns >= query.until_ns) continue;
      const Labels labels = FullLabels(record, {timed.stack, timed.labels, 0, 0});
      if (!store::Matches(labels, query.matches)) continue;
      StackId stack = 0;
      for (const FrameId frame : record.profile.StackFrames(timed.stack)) {
        stack = into->InternStack(stack, CopyFrame(record.profile, frame, into));
      }
      into->AddTimedSample({timed.time_ns, stack,
                            query.keep_labels ? into->InternLabels(labels) : 0, timed.weight,
                            timed.cpu_ns});
    }
  }

  std::vector<Stored> records_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_FAKE_STORE_READER_H_
