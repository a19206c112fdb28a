// SPDX-License-Identifier: MIT
//
// The reader of a store directory: answers every query from sealed files and open journals.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "store/contents.h"
#include "store/file_walk.h"
#include "store/kept_files.h"
#include "store/merger.h"
#include "store/profile_store.h"
#include "store/sealed_name.h"
#include "store/times_sums.h"
#include "store/volume.h"

namespace stacksampler::store {
namespace {

// A file listed a moment ago is gone: its window was sealed. So often in one query means trouble.
constexpr int kMaxListings = 10;
constexpr std::chrono::microseconds kListAgainPause{500};

// Ranges that do not overlap: one that covers the day is the only one that meets it.
Use UseForParts(const std::vector<Query>& parts, const SegmentMeta& day) {
  for (const Query& part : parts) {
    const Use use = UseFor({part.from_ns, part.until_ns}, day);
    if (use != Use::kNothing) return use;
  }
  return Use::kNothing;
}

Range HullOf(const std::vector<Query>& parts) {
  return {parts.front().from_ns, parts.back().until_ns};
}

class GdbmReader : public StoreReader {
 public:
  explicit GdbmReader(std::string dir) : files_(std::move(dir)) {}

  Result<std::string> Contents(int64_t from_ns, int64_t until_ns) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<std::string>([&] { return TryContents({from_ns, until_ns}); });
  }

  Result<QueryResult> Merge(const Query& query) override {
    auto parts = MergeParts({query});
    if (!parts.ok()) return parts.status();
    return std::move(parts->front());
  }

  Result<std::vector<QueryResult>> MergeParts(const std::vector<Query>& parts) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<std::vector<QueryResult>>([&] { return TryMerge(parts); });
  }

  Result<VolumeResult> Volumes(const VolumeQuery& query) override {
    if (Status status = CheckVolumeQuery(query); !status.ok()) return status;
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<VolumeResult>([&] { return TryVolumes(query); });
  }

  Result<Extent> StoredExtent() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<Extent>([&] { return TryExtent(); });
  }

  Result<SeriesResult> Series(int64_t from_ns, int64_t until_ns) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<SeriesResult>([&] { return TrySeries({from_ns, until_ns}); });
  }

  Result<SampleTimes> SampleTimesOf(const SampleTimesQuery& query) override {
    if (Status status = CheckSampleTimesQuery(query); !status.ok()) return status;
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<SampleTimes>([&] { return TryTimes(query); });
  }

 private:
  // Runs `attempt` on the listing as of now until no file vanished under it.
  template <typename T, typename Attempt>
  Result<T> Retry(Attempt attempt) {
    Result<T> result = Status(StatusCode::kInternal, "not tried");
    for (int i = 0; i < kMaxListings; ++i) {
      // Files that expire go one after the other.
      if (i > 0) std::this_thread::sleep_for(kListAgainPause * (1 << i));
      const Status listed = i > 0 ? files_.ListAnew() : files_.List();
      if (!listed.ok()) return listed;
      result = files_.Using(attempt);
      if (result.ok() || result.status().code() != StatusCode::kNotFound) return result;
    }
    return result;
  }

  Result<std::string> TryContents(const Range& range) {
    ContentsName name;
    if (Status status = NameSealed(&files_, range, &name); !status.ok()) return status;
    FileWalk walk(&files_, range, &name);
    if (Status status = walk.VisitTails([](const JournalTail&) {}); !status.ok()) return status;
    return name.Take();
  }

  Result<std::vector<QueryResult>> TryMerge(const std::vector<Query>& parts) {
    std::vector<std::unique_ptr<Merger>> mergers;
    std::vector<Merger*> borrowed;
    for (const Query& part : parts) {
      mergers.push_back(std::make_unique<Merger>(part, *files_.vocabulary()));
      borrowed.push_back(mergers.back().get());
    }
    const auto merge_segment = [&](Segment* segment) {
      Status status = segment->Merge(borrowed, files_.vocabulary());
      // Parts may cut any number of segments, and not only those at the ends.
      if (borrowed.size() > 1) segment->ForgetRows();
      return status;
    };
    const auto merge_tail = [&](const JournalTail& tail) {
      for (Merger* merger : borrowed) tail.Merge(merger);
    };
    ContentsName name;
    if (Status status = NameSealed(&files_, HullOf(parts), &name); !status.ok()) return status;
    FileWalk walk(&files_, HullOf(parts), &name);
    const Status status =
        walk.Visit({[&](const SegmentMeta& day) { return UseForParts(parts, day); }, merge_segment,
                    merge_tail});
    if (!status.ok()) return status;
    return ResultsOf(mergers, walk.warnings(), name.Take());
  }

  static Result<std::vector<QueryResult>> ResultsOf(
      const std::vector<std::unique_ptr<Merger>>& mergers, const std::vector<std::string>& warnings,
      const std::string& contents) {
    std::vector<QueryResult> results(mergers.size());
    for (size_t i = 0; i < mergers.size(); ++i) {
      results[i].records = mergers[i]->records();
      results[i].warnings = warnings;
      results[i].contents = contents;
      Result<Profile> profile = mergers[i]->Take();
      if (!profile.ok()) return profile.status();
      results[i].profile = *std::move(profile);
    }
    return results;
  }

  Result<VolumeResult> TryVolumes(const VolumeQuery& query) {
    VolumeSums sums(query, *files_.vocabulary());
    ContentsName name;
    const Range range = sums.range();
    if (Status status = NameSealed(&files_, range, &name); !status.ok()) return status;
    FileWalk walk(&files_, range, &name);
    const auto use = [&](const SegmentMeta& day) {
      const bool whole = sums.InOneInterval(day.first_end_ns, day.last_end_ns);
      const Use of_range = UseFor(range, day);
      return of_range == Use::kTotal && !whole ? Use::kSegments : of_range;
    };
    const Status status = walk.Visit(
        {use, [&](Segment* segment) { return segment->AddVolumes(&sums, files_.vocabulary()); },
         [&](const JournalTail& tail) { tail.AddVolumes(&sums); }});
    if (!status.ok()) return status;
    Result<VolumeResult> result = sums.Take();
    if (!result.ok()) return result;
    result->warnings = walk.warnings();
    result->contents = name.Take();
    return result;
  }

  // A day's total has no times.
  Result<SampleTimes> TryTimes(const SampleTimesQuery& query) {
    TimesSums sums(query, *files_.vocabulary());
    FileWalk walk(&files_, {});
    const auto use = [&](const SegmentMeta& day) {
      return sums.Meets(day.start_ns, day.last_end_ns) ? Use::kSegments : Use::kNothing;
    };
    const auto of_gone = [&](const SegmentMeta& day) -> std::string {
      const bool is_asked_for = day.start_ns < query.until_ns && query.from_ns <= day.last_end_ns;
      return is_asked_for ? "only the total of this day is kept, which has no sample times" : "";
    };
    const Status status = walk.Visit(
        {use, [&](Segment* segment) { return segment->AddTimes(&sums, files_.vocabulary()); },
         [&](const JournalTail& tail) { tail.AddTimes(&sums); }, of_gone});
    if (!status.ok()) return status;
    Result<SampleTimes> times = sums.Take();
    if (times.ok()) times->warnings = walk.warnings();
    return times;
  }

  Result<Extent> TryExtent() {
    Extent extent;
    const auto add = [&](int64_t first_ns, int64_t last_ns) {
      extent.first_ns = extent.empty ? first_ns : std::min(extent.first_ns, first_ns);
      extent.last_ns = extent.empty ? last_ns : std::max(extent.last_ns, last_ns);
      extent.empty = false;
    };
    const auto add_segment = [&](Segment* segment) {
      add(segment->meta().first_end_ns, segment->meta().last_end_ns);
      return Status::Ok();
    };
    const auto add_tail = [&](const JournalTail& tail) {
      for (const StoredRecord& record : tail.log().records()) add(record.end_ns, record.end_ns);
    };
    FileWalk walk(&files_, {});
    const auto use = [](const SegmentMeta&) { return Use::kTotal; };
    if (Status status = walk.Visit({use, add_segment, add_tail}); !status.ok()) return status;
    extent.warnings = walk.warnings();
    return extent;
  }

  Result<SeriesResult> TrySeries(const Range& range) {
    std::set<LabelSetId> found;
    FileWalk walk(&files_, range);
    const Status status =
        walk.Visit({[&](const SegmentMeta& day) { return UseFor(range, day); },
                    [&](Segment* segment) {
                      return segment->CollectSeries(range, files_.vocabulary(), &found);
                    },
                    [&](const JournalTail& tail) { tail.CollectSeries(range, &found); }});
    if (!status.ok()) return status;
    SeriesResult result;
    result.warnings = walk.warnings();
    for (const LabelSetId id : found) {
      result.series.push_back(files_.vocabulary()->label_sets()[id]);
    }
    std::sort(result.series.begin(), result.series.end());
    return result;
  }

  std::mutex mutex_;  // guards what follows
  KeptFiles files_;
};

}  // namespace

Result<std::unique_ptr<StoreReader>> OpenReader(const std::string& dir) {
  const Result<std::string> id = ReadStoreId(dir);
  if (!id.ok()) return id.status();
  return std::unique_ptr<StoreReader>(std::make_unique<GdbmReader>(dir));
}

}  // namespace stacksampler::store
