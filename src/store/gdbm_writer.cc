// SPDX-License-Identifier: MIT
//
// The writer of a store directory: one journal, sealed into segments.
//
// Invariants: every stored record is in exactly one window; a window is its segment where there is
// one, else its journal. Only the newest window takes records, so that a failed fdatasync concerns
// one journal alone.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "store/open_window.h"
#include "store/profile_store.h"
#include "store/segment.h"
#include "store/segment_layout.h"
#include "store/store_dir.h"
#include "store/window_refs.h"

namespace stacksampler::store {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// After a seal that failed the journal may grow by this part of its limit before the next try.
constexpr uint64_t kSealRetryPart = 8;

Status Refused(const std::string& what) {
  return {StatusCode::kInvalidArgument, "record refused: " + what};
}

Status CheckRecord(const Record& record) {
  if (record.profile == nullptr) return Refused("it has no profile");
  const Status valid =
      record.profile_number != 0 ? record.profile->ValidateSamples() : record.profile->Validate();
  if (!valid.ok()) return Refused(valid.message());
  if (record.start_ns < 0 || record.start_ns > record.end_ns || record.end_ns >= kMaxTimeNs) {
    return Refused("its window is not a time since 1970 that ends after its start");
  }
  int64_t cpu_ns = 0;
  const int64_t period_ns = record.profile->period_ns;
  if (period_ns < 0 || __builtin_mul_overflow(record.profile->TotalWeight(), period_ns, &cpu_ns)) {
    return Refused("its CPU time, weight times period, passes 2^63 ns or is negative");
  }
  for (size_t i = 1; i < record.labels.size(); ++i) {
    if (record.labels[i - 1].first >= record.labels[i].first) {
      return Refused("the target's labels are not sorted by key, or a key repeats");
    }
  }
  return Status::Ok();
}

void WarnOnStderr(const std::string& line) { std::fprintf(stderr, "store: %s\n", line.c_str()); }

class GdbmWriter : public StoreWriter {
 public:
  GdbmWriter(std::string dir, WriterOptions options, LockedStore store)
      : dir_(std::move(dir)), options_(std::move(options)), store_(std::move(store)) {
    if (!options_.on_warning) options_.on_warning = WarnOnStderr;
    if (options_.segment_ns <= 0) options_.segment_ns = WriterOptions().segment_ns;
  }

  // Takes up what earlier writers left, and may have been killed before making durable.
  Status Recover() {
    if (Status status = SyncDir(dir_); !status.ok()) return status;
    const Result<Listing> listing = ListStore(dir_);
    if (!listing.ok()) return listing.status();
    for (const std::string& name : listing->unfinished) unlink(PathIn(dir_, name).c_str());
    for (const auto* stems : {&listing->segments, &listing->journals, &listing->sealed_journals,
                              &listing->damaged, &listing->damaged_segments}) {
      if (!stems->empty()) next_number_ = std::max(next_number_, stems->back().number + 1);
    }
    for (const Stem& stem : listing->sealed_journals) Supersede(PathIn(dir_, JournalName(stem)));
    RecoverRefs(*listing);
    for (const Stem& stem : listing->journals) {
      if (Status status = RecoverJournal(stem); !status.ok()) return status;
    }
    return Status::Ok();
  }

  [[nodiscard]] const std::string& id() const override { return store_.id; }

  Result<bool> Append(const Record& record) override {
    if (Status status = CheckRecord(record); !status.ok()) return status;
    if (refs_.Stored(record.labels, record.window)) return false;
    if (Status status = MakeRoomFor(record); !status.ok()) return status;
    if (Status status = window_->Append(record); !status.ok()) return status;
    refs_.Remember(record.labels, record.window, window_->stem().number);
    if (window_->journal_bytes() >= seals_at_bytes_) SealOrPutOff(record.end_ns);
    return true;
  }

  Status Commit() override {
    if (Status status = SyncSealed(); !status.ok()) return status;
    RemoveSuperseded();
    if (!window_) return Status::Ok();
    // The kernel forgets pages that it could not write, and the next fdatasync would say yes: only
    // a segment, written anew from memory, makes such a window durable.
    if (sync_failed_) return Seal();
    Status status = window_->Sync();
    sync_failed_ = !status.ok();
    return status;
  }

  [[nodiscard]] std::optional<WindowRef> LastWindow(const Labels& target) const override {
    return refs_.Last(target);
  }

  Status Seal() override {
    if (Status status = SealWindow(); !status.ok()) return status;
    if (Status status = SyncSealed(); !status.ok()) return status;
    RemoveSuperseded();
    return Status::Ok();
  }

 private:
  // The segment has its name from here on, and a crash may bring the name back even when it is
  // removed: whatever becomes of SyncSealed(), the window takes no more records.
  Status SealWindow() {
    if (!window_) return Status::Ok();
    if (window_->log().records().empty()) return Discard();
    if (Status status = window_->Seal(refs_.Encode(window_->stem().number)); !status.ok()) {
      return status;
    }
    has_unsynced_names_ = true;
    Supersede(window_->journal_path());
    window_.reset();
    sync_failed_ = false;
    return Status::Ok();
  }

  // Makes sealed segments durable; until then nothing is committed and their journals stay.
  Status SyncSealed() {
    if (!has_unsynced_names_) return Status::Ok();
    Status status = SyncDir(dir_);
    has_unsynced_names_ = !status.ok();
    return status;
  }

  [[nodiscard]] int64_t WindowStart(int64_t end_ns) const {
    return end_ns - end_ns % options_.segment_ns;
  }

  // A window without records is no window.
  Status Discard() {
    const std::string path = window_->journal_path();
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus(errno, "remove " + path);
    window_.reset();
    return Status::Ok();
  }

  void StartWindow(const Stem& stem) {
    window_.emplace(dir_, stem);
    seals_at_bytes_ = options_.max_journal_bytes;
    // Both are below 2^63, so that this cannot overflow in the unsigned.
    closes_at_ns_ =
        static_cast<uint64_t>(stem.start_ns) + static_cast<uint64_t>(options_.segment_ns);
  }

  // Leaves an open window that may take the record.
  Status MakeRoomFor(const Record& record) {
    if (window_ && static_cast<uint64_t>(record.end_ns) >= closes_at_ns_) {
      SealOrPutOff(record.end_ns);
    }
    const int64_t weight = record.profile->TotalWeight();
    const bool full =
        window_ && (window_->log().WouldOverflow(weight, weight * record.profile->period_ns) ||
                    window_->unwritten_bytes() > kMaxRecordBytes / 2);
    if (full) {
      if (Status status = SealWindow(); !status.ok()) return status;
    }
    if (!window_) StartWindow({WindowStart(record.end_ns), next_number_++});
    return Status::Ok();
  }

  // When it cannot seal, the journal goes on, and nothing is lost; it tries again after a while.
  void SealOrPutOff(int64_t end_ns) {
    Status status = SealWindow();
    if (status.ok()) return;
    options_.on_warning(status.message() + "; the window stays open and will be sealed later");
    seals_at_bytes_ = window_->journal_bytes() + options_.max_journal_bytes / kSealRetryPart;
    closes_at_ns_ =
        static_cast<uint64_t>(WindowStart(end_ns)) + static_cast<uint64_t>(options_.segment_ns);
  }

  void Supersede(const std::string& journal) {
    superseded_.push_back({journal, std::chrono::steady_clock::now()});
  }

  void RemoveSuperseded() {
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!superseded_.empty() && superseded_.front().since + options_.journal_grace <= now) {
      const std::string& path = superseded_.front().journal;
      if (unlink(path.c_str()) != 0 && errno != ENOENT) {
        options_.on_warning(ErrnoStatus(errno, "remove " + path).message());
      }
      superseded_.pop_front();
    }
  }

  // Each segment carries on what was stored before it, so that the newest good one is enough.
  void RecoverRefs(const Listing& listing) {
    for (auto it = listing.segments.rbegin(); it != listing.segments.rend(); ++it) {
      Result<Segment> segment = Segment::Open(PathIn(dir_, SegmentName(*it)));
      const Result<std::string> refs = segment.ok() ? segment->Refs() : segment.status();
      if (refs.ok()) {
        WindowRefs found;
        ByteReader in(*refs);
        found.Decode(&in);
        if (in.ok()) {
          refs_ = std::move(found);
          return;
        }
      }
      options_.on_warning(PathIn(dir_, SegmentName(*it)) +
                          " is damaged: windows in it may be stored a second time when their "
                          "targets offer them again");
    }
  }

  Status RecoverJournal(const Stem& stem) {
    // Only one window can go on: an older one could not be sealed in its time.
    if (window_) SealOrSkip();
    StartWindow(stem);
    const Result<JournalEnd> end = window_->Replay();
    if (!end.ok()) return end.status();
    for (const StoredRecord& record : window_->log().records()) {
      refs_.Remember(window_->labels(record.target), record.window, stem.number);
    }
    const std::string path = window_->journal_path();
    if (*end == JournalEnd::kTorn) {
      options_.on_warning(path + ": its last record was not complete and was cut off");
    }
    return *end == JournalEnd::kDamaged ? SetAside(path) : Status::Ok();
  }

  void SealOrSkip() {
    Status status = Seal();
    if (!status.ok()) options_.on_warning(status.message() + "; its journal stays");
    window_.reset();
  }

  // Keeps a damaged journal's bytes under another name, and seals what is before the damage.
  Status SetAside(const std::string& path) {
    const std::string kept = PathIn(dir_, DamagedName(window_->stem()));
    if (link(path.c_str(), kept.c_str()) != 0 && errno != EEXIST) {
      return ErrnoStatus(errno, "link " + kept, "move " + path + " out of the store");
    }
    options_.on_warning(path + " is damaged: kept as " + kept +
                        ", and what is before the damage is sealed");
    if (Status status = Seal(); !status.ok()) return status;
    unlink(path.c_str());
    return SyncDir(dir_);
  }

  const std::string dir_;
  WriterOptions options_;
  const LockedStore store_;
  WindowRefs refs_;
  uint64_t next_number_ = 1;
  std::optional<OpenWindow> window_;
  uint64_t seals_at_bytes_ = 0;
  uint64_t closes_at_ns_ = 0;
  bool sync_failed_ = false;
  bool has_unsynced_names_ = false;
  struct Superseded {
    std::string journal;
    SteadyTime since;
  };
  std::deque<Superseded> superseded_;  // in the order of since
};

}  // namespace

Result<std::unique_ptr<StoreWriter>> OpenWriter(const std::string& dir,
                                                const WriterOptions& options) {
  Result<LockedStore> store = LockStore(dir);
  if (!store.ok()) return store.status();
  auto writer = std::make_unique<GdbmWriter>(dir, options, *std::move(store));
  if (Status status = writer->Recover(); !status.ok()) return status;
  return std::unique_ptr<StoreWriter>(std::move(writer));
}

}  // namespace stacksampler::store
