// SPDX-License-Identifier: MIT
//
// The reader of a store directory: tiles every query from sealed segments and open journals.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/errno_status.h"
#include "store/contents.h"
#include "store/journal_tail.h"
#include "store/merger.h"
#include "store/profile_store.h"
#include "store/segment.h"
#include "store/store_dir.h"
#include "store/volume.h"

namespace stacksampler::store {
namespace {

// A file listed a moment ago is gone: its window was sealed. So often in one query means trouble.
constexpr int kMaxListings = 10;
constexpr std::chrono::microseconds kListAgainPause{500};
// What is kept of segments between queries: some 100 KB each.
constexpr size_t kMaxKeptSegments = 1024;
// Above it the vocabulary is mostly of binaries that no file in use knows: start over.
constexpr size_t kMaxVocabularyStacks = size_t{1} << 22;

// Tells a file from another one of the same name: a store restored from a copy, say.
struct FileIdentity {
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  [[nodiscard]] std::array<int64_t, 4> Numbers() const {
    return {static_cast<int64_t>(inode), size, seconds, nanoseconds};
  }
  friend bool operator==(const FileIdentity& a, const FileIdentity& b) {
    return a.Numbers() == b.Numbers();
  }
};

Result<FileIdentity> Identify(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "stat " + path);
  return FileIdentity{info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

// Where a visit notes what it finds of journals in a range; nowhere by default.
struct Noted {
  Range range;
  ContentsName* name = nullptr;
  void Spoil() const {
    if (name != nullptr) name->Spoil();
  }
};

class GdbmReader : public StoreReader {
 public:
  explicit GdbmReader(std::string dir) : dir_(std::move(dir)) {}

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

 private:
  using Lines = std::vector<std::string>;
  struct KeptSegment {
    FileIdentity identity;
    Segment segment;
    uint64_t last_use = 0;
  };
  struct KeptTail {
    ino_t inode = 0;
    JournalTail tail;
  };

  // Runs `attempt` on a fresh listing until no file vanished under it.
  template <typename T, typename Attempt>
  Result<T> Retry(Attempt attempt) {
    Result<T> result = Status(StatusCode::kInternal, "not tried");
    for (int i = 0; i < kMaxListings; ++i) {
      // Files that expire go one after the other.
      if (i > 0) std::this_thread::sleep_for(kListAgainPause * (1 << i));
      Result<Listing> listing = ListStore(dir_);
      if (!listing.ok()) return listing.status();
      listing_ = *std::move(listing);
      ForgetWhatIsTooMuch();
      result = attempt();
      if (result.ok() || result.status().code() != StatusCode::kNotFound) return result;
    }
    return result;
  }

  // What a query takes of a day: its total, or its segments one by one.
  enum class Use { kNothing, kTotal, kSegments };
  static Use UseFor(const Range& range, const SegmentMeta& day) {
    if (!range.Meets(day.first_end_ns, day.last_end_ns)) return Use::kNothing;
    return range.Covers(day.first_end_ns, day.last_end_ns) ? Use::kTotal : Use::kSegments;
  }

  // Ranges that do not overlap: one that covers the day is the only one that meets it.
  static Use UseForParts(const std::vector<Query>& parts, const SegmentMeta& day) {
    for (const Query& part : parts) {
      const Use use = UseFor({part.from_ns, part.until_ns}, day);
      if (use != Use::kNothing) return use;
    }
    return Use::kNothing;
  }

  Result<std::string> TryContents(const Range& range) {
    ContentsName name;
    std::vector<std::string> warnings;
    Status status = NameFiles(range, &name);
    if (status.ok()) status = ForEachTail([](const JournalTail&) {}, &warnings, {range, &name});
    if (!status.ok()) return status;
    return name.Take();
    if (!status.ok()) return status;
    return name.Take();
  }

  Result<std::vector<QueryResult>> TryMerge(const std::vector<Query>& parts) {
    std::vector<std::unique_ptr<Merger>> mergers;
    std::vector<Merger*> borrowed;
    for (const Query& part : parts) {
      mergers.push_back(std::make_unique<Merger>(part, vocabulary_));
      borrowed.push_back(mergers.back().get());
    }
    ContentsName name;
    std::vector<std::string> warnings;
    const auto merge_tail = [&](const JournalTail& tail) {
      for (Merger* merger : borrowed) tail.Merge(merger);
    };
    if (Status status = NameFiles(HullOf(parts), &name); !status.ok()) return status;
    const Status status =
        ForEachFile([&](const SegmentMeta& day) { return UseForParts(parts, day); },
                    [&](Segment* segment) { return segment->Merge(borrowed, &vocabulary_); },
                    merge_tail, &warnings, {HullOf(parts), &name});
    if (!status.ok()) return status;
    std::vector<QueryResult> results(parts.size());
    for (size_t i = 0; i < parts.size(); ++i) {
      results[i].records = mergers[i]->records();
      results[i].warnings = warnings;
      results[i].contents = name.Take();
      Result<Profile> profile = mergers[i]->Take();
      if (!profile.ok()) return profile.status();
      results[i].profile = *std::move(profile);
    }
    return results;
  }

  static Range HullOf(const std::vector<Query>& parts) {
    return {parts.front().from_ns, parts.back().until_ns};
  }

  Result<VolumeResult> TryVolumes(const VolumeQuery& query) {
    VolumeSums sums(query, vocabulary_);
    ContentsName name;
    std::vector<std::string> warnings;
    const Range range = sums.range();
    if (Status status = NameFiles(range, &name); !status.ok()) return status;
    const auto use = [&](const SegmentMeta& day) {
      const bool whole = sums.InOneInterval(day.first_end_ns, day.last_end_ns);
      const Use of_range = UseFor(range, day);
      return of_range == Use::kTotal && !whole ? Use::kSegments : of_range;
    };
    const Status status = ForEachFile(
        use, [&](Segment* segment) { return segment->AddVolumes(&sums, &vocabulary_); },
        [&](const JournalTail& tail) { tail.AddVolumes(&sums); }, &warnings, {range, &name});
    if (!status.ok()) return status;
    Result<VolumeResult> result = sums.Take();
    if (!result.ok()) return result;
    result->warnings = std::move(warnings);
    result->contents = name.Take();
    return result;
  }

  Result<Extent> TryExtent() {
    Extent extent;
    const auto add = [&](int64_t first_ns, int64_t last_ns) {
      extent.first_ns = extent.empty ? first_ns : std::min(extent.first_ns, first_ns);
      extent.last_ns = extent.empty ? last_ns : std::max(extent.last_ns, last_ns);
      extent.empty = false;
    };
    const Status status =
        ForEachFile([](const SegmentMeta&) { return Use::kTotal; },
                    [&](Segment* segment) {
                      add(segment->meta().first_end_ns, segment->meta().last_end_ns);
                      return Status::Ok();
                    },
                    [&](const JournalTail& tail) {
                      for (const StoredRecord& record : tail.log().records())
                        add(record.end_ns, record.end_ns);
                    },
                    &extent.warnings);
    if (!status.ok()) return status;
    return extent;
  }

  Result<SeriesResult> TrySeries(const Range& range) {
    std::set<LabelSetId> found;
    SeriesResult result;
    const Status status = ForEachFile(
        [&](const SegmentMeta& day) { return UseFor(range, day); },
        [&](Segment* segment) { return segment->CollectSeries(range, &vocabulary_, &found); },
        [&](const JournalTail& tail) { tail.CollectSeries(range, &found); }, &result.warnings);
    if (!status.ok()) return status;
    for (const LabelSetId id : found) result.series.push_back(vocabulary_.label_sets()[id]);
    std::sort(result.series.begin(), result.series.end());
    return result;
  }

  // Adds what is sealed in a range to its name. Totals of days are named for themselves: a range
  // that covers a day need not look at its segments.
  Status NameFiles(const Range& range, ContentsName* name) {
    auto next = listing_.segments.begin();
    const auto name_before = [&](uint64_t number) {
      for (; next != listing_.segments.end() && next->number < number; ++next) {
        Status status = NameFile(PathIn(dir_, SegmentName(*next)), range, name);
        if (!status.ok()) return status;
      }
      return Status::Ok();
    };
    for (const DayStem& day : listing_.days) {
      if (Status status = name_before(day.first); !status.ok()) return status;
      const std::string path = PathIn(dir_, DayName(day));
      const Result<KeptSegment*> total = Kept(path);
      if (total.status().code() == StatusCode::kNotFound) return total.status();
      const Use use = total.ok() ? UseFor(range, (*total)->segment.meta()) : Use::kSegments;
      if (use == Use::kTotal) {
        if (Status status = NameFile(path, range, name); !status.ok()) return status;
      } else if (use == Use::kSegments) {
        if (Status status = name_before(day.last + 1); !status.ok()) return status;
      }
      while (next != listing_.segments.end() && day.Has(*next)) ++next;
    }
    for (const Stem& stem : listing_.damaged) name->Add(DamagedName(stem));
    for (const Stem& stem : listing_.damaged_segments) name->Add(DamagedSegmentName(stem));
    return name_before(UINT64_MAX);
  }

  // A range's moving edge cuts segments anywhere: what counts is which records it leaves in.
  Status NameFile(const std::string& path, const Range& range, ContentsName* name) {
    const Result<KeptSegment*> kept = Kept(path);
    if (kept.status().code() == StatusCode::kNotFound) return kept.status();
    if (!kept.ok()) name->Spoil();
    if (!kept.ok()) return Status::Ok();
    const auto narrow = (*kept)->segment.Narrow(range, &vocabulary_);
    if (narrow.status().code() == StatusCode::kNotFound) return narrow.status();
    if (!narrow.ok()) name->Spoil();
    if (!narrow.ok() || !*narrow) return Status::Ok();
    name->Add(path);
    for (const int64_t part : (*kept)->identity.Numbers()) name->Add(part);
    name->Add((*narrow)->from_ns);
    name->Add((*narrow)->until_ns);
    return Status::Ok();
  }

  // Visits what is stored, days as `use` says. A damaged file is named in `warnings`, and the rest
  // still counts; a file that vanished is kNotFound.
  template <typename UseOfDay, typename OnSegment, typename OnTail>
  Status ForEachFile(UseOfDay use, OnSegment on_segment, OnTail on_tail, Lines* warnings,
                     const Noted& noted = {}) {
    auto next = listing_.segments.begin();
    const auto visit_before = [&](uint64_t number, uint64_t* records) {
      for (; next != listing_.segments.end() && next->number < number; ++next) {
        const std::string path = PathIn(dir_, SegmentName(*next));
        if (Status status = Visit(path, on_segment, records, warnings, noted); !status.ok())
          return status;
      }
      return Status::Ok();
    };
    uint64_t records = 0;
    for (const DayStem& day : listing_.days) {
      if (Status status = visit_before(day.first, &records); !status.ok()) return status;
      const Result<SegmentMeta> total = MetaOf(PathIn(dir_, DayName(day)), warnings);
      if (total.status().code() == StatusCode::kNotFound) return total.status();
      const Use what = total.ok() ? use(*total) : Use::kSegments;
      if (what == Use::kSegments) {
        records = 0;
        if (Status status = visit_before(day.last + 1, &records); !status.ok()) return status;
        if (total.ok() && records < total->records) warnings->push_back(OnlyTotalLeft(day));
      }
      while (next != listing_.segments.end() && day.Has(*next)) ++next;
      if (what == Use::kTotal) {
        Status status = Visit(PathIn(dir_, DayName(day)), on_segment, &records, warnings, noted);
        if (!status.ok()) return status;
      }
    }
    if (Status status = visit_before(UINT64_MAX, &records); !status.ok()) return status;
    if (Status status = ForEachTail(on_tail, warnings, noted); !status.ok()) return status;
    for (const Stem& stem : listing_.damaged) WarnSetAside(DamagedName(stem), warnings);
    for (const Stem& stem : listing_.damaged_segments) {
      WarnSetAside(DamagedSegmentName(stem), warnings);
    }
    return Status::Ok();
  }

  [[nodiscard]] std::string OnlyTotalLeft(const DayStem& day) const {
    return PathIn(dir_, DayName(day)) +
           ": the range takes a part of this day, of which only the total is kept; windows are "
           "missing: ask for whole days (UTC)";
  }

  Result<SegmentMeta> MetaOf(const std::string& path, Lines* warnings) {
    const Result<KeptSegment*> kept = Kept(path);
    if (kept.ok()) return (*kept)->segment.meta();
    if (kept.status().code() != StatusCode::kNotFound) {
      warnings->push_back(kept.status().message() + "; its day is summed up from segments");
    }
    return kept.status();
  }

  // Visits one segment, and counts the records that it has.
  template <typename OnSegment>
  Status Visit(const std::string& path, OnSegment on_segment, uint64_t* records, Lines* warnings,
               const Noted& noted) {
    const Result<KeptSegment*> kept = Kept(path);
    Status status = kept.status();
    if (kept.ok()) {
      *records += (*kept)->segment.meta().records;
      status = on_segment(&(*kept)->segment);
    }
    if (status.code() == StatusCode::kNotFound) return status;
    if (status.ok()) return Status::Ok();
    warnings->push_back(status.message() + "; windows in it are missing");
    noted.Spoil();
    return Status::Ok();
  }

  void WarnSetAside(const std::string& name, std::vector<std::string>* warnings) const {
    warnings->push_back(PathIn(dir_, name) +
                        " was set aside as damaged: windows in it may be missing; remove it when "
                        "it is of no more use");
  }

  template <typename OnTail>
  Status ForEachTail(OnTail on_tail, Lines* warnings, const Noted& noted) {
    for (const Stem& stem : listing_.journals) {
      const std::string path = PathIn(dir_, JournalName(stem));
      const Result<KeptTail*> kept = Tail(path);
      if (!kept.ok() && kept.status().code() == StatusCode::kNotFound) return kept.status();
      if (!kept.ok()) {
        warnings->push_back(kept.status().message() + "; windows in it are missing");
        noted.Spoil();
        continue;
      }
      const JournalTail& tail = (*kept)->tail;
      on_tail(tail);
      const std::string problem = tail.problem();
      if (!problem.empty()) warnings->push_back(problem);
      if (noted.name != nullptr) NoteTail(path, **kept, problem, noted);
    }
    return Status::Ok();
  }

  static void NoteTail(const std::string& path, const KeptTail& kept, const std::string& problem,
                       const Noted& noted) {
    const uint64_t records = kept.tail.Contents(noted.range);
    noted.name->Add(problem);
    if (records == 0) return;
    noted.name->Add(path);
    noted.name->Add(static_cast<int64_t>(kept.inode));
    noted.name->Add(static_cast<int64_t>(records));
  }

  Result<KeptSegment*> Kept(const std::string& path) {
    const Result<FileIdentity> identity = Identify(path);
    if (!identity.ok()) return identity.status();
    auto it = segments_.find(path);
    if (it == segments_.end() || !(it->second.identity == *identity)) {
      Result<Segment> segment = Segment::Open(path);
      if (!segment.ok()) return segment.status();
      it = segments_.insert_or_assign(path, KeptSegment{*identity, *std::move(segment)}).first;
    }
    it->second.last_use = ++uses_;
    return &it->second;
  }

  Result<KeptTail*> Tail(const std::string& path) {
    const Result<FileIdentity> identity = Identify(path);
    if (!identity.ok()) return identity.status();
    auto it = tails_.find(path);
    if (it == tails_.end() || it->second.inode != identity->inode) {
      it = tails_.insert_or_assign(path, KeptTail{identity->inode, JournalTail(path)}).first;
    }
    if (Status status = it->second.tail.Refresh(&vocabulary_); !status.ok()) return status;
    return &it->second;
  }

  void Forget() {
    vocabulary_ = Profile();
    segments_.clear();
    tails_.clear();
  }

  void ForgetWhatIsTooMuch() {
    if (vocabulary_.stacks().size() > kMaxVocabularyStacks) Forget();
    while (segments_.size() > kMaxKeptSegments) {
      segments_.erase(std::min_element(
          segments_.begin(), segments_.end(),
          [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; }));
    }
    std::set<std::string> open;
    for (const Stem& stem : listing_.journals) open.insert(PathIn(dir_, JournalName(stem)));
    for (auto it = tails_.begin(); it != tails_.end();) {
      it = open.count(it->first) != 0 ? std::next(it) : tails_.erase(it);
    }
  }

  const std::string dir_;
  std::mutex mutex_;  // guards all below
  Listing listing_;
  Profile vocabulary_;  // what the kept files' ids were translated to
  std::map<std::string, KeptSegment> segments_;
  std::map<std::string, KeptTail> tails_;
  uint64_t uses_ = 0;
};

}  // namespace

Result<std::unique_ptr<StoreReader>> OpenReader(const std::string& dir) {
  const Result<std::string> id = ReadStoreId(dir);
  if (!id.ok()) return id.status();
  return std::unique_ptr<StoreReader>(std::make_unique<GdbmReader>(dir));
}

}  // namespace stacksampler::store
