// SPDX-License-Identifier: MIT
//
// The reader of a store directory: tiles every query from sealed segments and open journals.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
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

  Result<std::vector<Labels>> Series(int64_t from_ns, int64_t until_ns) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Retry<std::vector<Labels>>([&] { return TrySeries({from_ns, until_ns}); });
  }

 private:
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
      Result<Listing> listing = ListStore(dir_);
      if (!listing.ok()) return listing.status();
      listing_ = *std::move(listing);
      ForgetWhatIsTooMuch();
      result = attempt();
      if (result.ok() || result.status().code() != StatusCode::kNotFound) return result;
    }
    return result;
  }

  Result<std::string> TryContents(const Range& range) {
    ContentsName name;
    std::vector<std::string> warnings;
    const Status status = ForEachFile([](Segment*) { return Status::Ok(); },
                                      [](const JournalTail&) {}, &warnings, {range, &name});
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
    const Status status =
        ForEachFile([&](Segment* segment) { return segment->Merge(borrowed, &vocabulary_); },
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
    const Status status = ForEachFile(
        [&](Segment* segment) { return segment->AddVolumes(&sums, &vocabulary_); },
        [&](const JournalTail& tail) { tail.AddVolumes(&sums); }, &warnings, {sums.range(), &name});
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
    std::vector<std::string> warnings;
    const Status status = ForEachFile(
        [&](Segment* segment) {
          add(segment->meta().first_end_ns, segment->meta().last_end_ns);
          return Status::Ok();
        },
        [&](const JournalTail& tail) {
          for (const StoredRecord& record : tail.log().records()) add(record.end_ns, record.end_ns);
        },
        &warnings);
    if (!status.ok()) return status;
    return extent;
  }

  Result<std::vector<Labels>> TrySeries(const Range& range) {
    std::set<LabelSetId> found;
    std::vector<std::string> warnings;
    const Status status = ForEachFile(
        [&](Segment* segment) { return segment->CollectSeries(range, &vocabulary_, &found); },
        [&](const JournalTail& tail) { tail.CollectSeries(range, &found); }, &warnings);
    if (!status.ok()) return status;
    std::set<Labels> sorted;
    for (const LabelSetId id : found) sorted.insert(vocabulary_.label_sets()[id]);
    return std::vector<Labels>(sorted.begin(), sorted.end());
  }

  // Where a visit notes what it finds in a range; nowhere by default.
  struct Noted {
    Range range;
    ContentsName* name = nullptr;
  };

  // Visits what is stored. A damaged file is named in `warnings`, and the rest still counts; a file
  // that vanished is kNotFound.
  template <typename OnSegment, typename OnTail>
  Status ForEachFile(OnSegment on_segment, OnTail on_tail, std::vector<std::string>* warnings,
                     const Noted& noted = {}) {
    ContentsName ignored;
    ContentsName* name = noted.name != nullptr ? noted.name : &ignored;
    for (const Stem& stem : listing_.segments) {
      const std::string path = PathIn(dir_, SegmentName(stem));
      Status status = VisitSegment(path, on_segment, noted);
      if (status.code() == StatusCode::kNotFound) return status;
      if (status.ok()) continue;
      warnings->push_back(status.message() + "; windows in it are missing");
      name->Spoil();
    }
    if (Status status = ForEachTail(on_tail, warnings, noted.range, name); !status.ok()) {
      return status;
    }
    for (const Stem& stem : listing_.damaged) {
      warnings->push_back(PathIn(dir_, DamagedName(stem)) +
                          " was set aside as damaged: windows in it may be missing; remove it "
                          "when it is of no more use");
      name->Add(DamagedName(stem));
    }
    return Status::Ok();
  }

  template <typename OnTail>
  Status ForEachTail(OnTail on_tail, std::vector<std::string>* warnings, const Range& range,
                     ContentsName* name) {
    for (const Stem& stem : listing_.journals) {
      const std::string path = PathIn(dir_, JournalName(stem));
      const Result<KeptTail*> kept = Tail(path);
      if (!kept.ok() && kept.status().code() == StatusCode::kNotFound) return kept.status();
      if (!kept.ok()) {
        warnings->push_back(kept.status().message() + "; windows in it are missing");
        name->Spoil();
        continue;
      }
      const JournalTail& tail = (*kept)->tail;
      on_tail(tail);
      const std::string problem = tail.problem();
      if (!problem.empty()) warnings->push_back(problem);
      NoteTail(path, **kept, problem, range, name);
    }
    return Status::Ok();
  }

  static void NoteTail(const std::string& path, const KeptTail& kept, const std::string& problem,
                       const Range& range, ContentsName* name) {
    const uint64_t records = kept.tail.Contents(range);
    name->Add(problem);
    if (records == 0) return;
    name->Add(path);
    name->Add(static_cast<int64_t>(kept.inode));
    name->Add(static_cast<int64_t>(records));
  }

  template <typename OnSegment>
  Status VisitSegment(const std::string& path, OnSegment on_segment, const Noted& noted) {
    const Result<FileIdentity> identity = Identify(path);
    if (!identity.ok()) return identity.status();
    auto it = segments_.find(path);
    if (it == segments_.end() || !(it->second.identity == *identity)) {
      Result<Segment> segment = Segment::Open(path);
      if (!segment.ok()) return segment.status();
      it = segments_.insert_or_assign(path, KeptSegment{*identity, *std::move(segment)}).first;
    }
    it->second.last_use = ++uses_;
    if (Status status = on_segment(&it->second.segment); !status.ok()) return status;
    return noted.name == nullptr ? Status::Ok() : NoteSegment(path, &it->second, noted);
  }

  // A range's moving edge cuts segments anywhere: what counts is which records it leaves in.
  Status NoteSegment(const std::string& path, KeptSegment* kept, const Noted& noted) {
    const auto range = kept->segment.Narrow(noted.range, &vocabulary_);
    if (!range.ok()) return range.status();
    if (!*range) return Status::Ok();
    noted.name->Add(path);
    for (const int64_t part : kept->identity.Numbers()) noted.name->Add(part);
    noted.name->Add((*range)->from_ns);
    noted.name->Add((*range)->until_ns);
    return Status::Ok();
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

  void ForgetWhatIsTooMuch() {
    if (vocabulary_.stacks().size() > kMaxVocabularyStacks) {
      vocabulary_ = Profile();
      segments_.clear();
      tails_.clear();
    }
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
