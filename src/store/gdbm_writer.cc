// SPDX-License-Identifier: MIT
//
// The writer of a store directory: one journal takes records, closed ones become segments behind
// its back.
//
// Invariants: every stored record is in exactly one window; a window is its segment where there is
// one, else its journal. Only the newest window takes records.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "store/background.h"
#include "store/gdbm_file.h"
#include "store/open_window.h"
#include "store/profile_store.h"
#include "store/record_check.h"
#include "store/segment.h"
#include "store/store_dir.h"
#include "store/window_refs.h"

namespace stacksampler::store {
namespace {

constexpr char kCannotRead[] =
    ": it says which windows are stored; try again, or move it out of the store where it can never "
    "be read";

void WarnOnStderr(const std::string& line) { std::fprintf(stderr, "store: %s\n", line.c_str()); }

WriterOptions Completed(WriterOptions options) {
  if (!options.on_warning) options.on_warning = WarnOnStderr;
  if (options.segment_ns <= 0) options.segment_ns = WriterOptions().segment_ns;
  return options;
}

class GdbmWriter : public StoreWriter {
 public:
  GdbmWriter(std::string dir, const WriterOptions& options, LockedStore store)
      : dir_(std::move(dir)), options_(Completed(options)), store_(std::move(store)) {}

  // Takes up what earlier writers left, and may have been killed before making durable.
  Status Recover() {
    if (!store_.told.empty()) options_.on_warning(store_.told);
    const Result<Listing> listing = ListStore(dir_);
    if (!listing.ok()) return listing.status();
    // First: they may be what fills the disk that the next line writes to.
    for (const std::string& name : listing->unfinished) unlink(PathIn(dir_, name).c_str());
    if (Status status = RaiseVersion(dir_); !status.ok()) return status;
    next_number_ = LastNumber(*listing) + 1;
    if (Status status = RecoverRefs(*listing); !status.ok()) return status;
    background_.emplace(dir_, options_);
    for (const Stem& stem : listing->sealed_journals) {
      background_->Supersede(PathIn(dir_, JournalName(stem)));
    }
    for (const Stem& stem : listing->journals) {
      if (Status status = RecoverJournal(stem); !status.ok()) return status;
    }
    return Status::Ok();
  }

  [[nodiscard]] const std::string& id() const override { return store_.id; }

  Result<bool> Append(const Record& record) override {
    background_->Tell();
    if (Status status = CheckRecord(record); !status.ok()) return status;
    if (refs_.Stored(record.labels, record.window)) return false;
    if (Status status = MakeRoomFor(record); !status.ok()) return status;
    if (Status status = window_->Append(record); !status.ok()) return status;
    refs_.Remember(record.labels, record.window, window_->stem().number);
    if (window_->journal_bytes() >= options_.max_journal_bytes && !background_->Behind()) {
      (void)CloseWindow();  // it has a record: this cannot fail
    }
    return true;
  }

  Status Commit() override {
    background_->Tell();
    if (Status status = background_->SyncClosed(); !status.ok()) return status;
    if (!window_) return Status::Ok();
    return window_->sync_failed() ? Seal() : window_->Sync();
  }

  [[nodiscard]] std::vector<WindowRef> LastWindows(const Labels& target) const override {
    return refs_.Last(target);
  }

  Status Seal() override {
    Status closed = CloseWindow();
    Status finished = background_->Finish();
    background_->Tell();
    return closed.ok() ? finished : closed;
  }

 private:
  // A window without records is no window.
  Status CloseWindow() {
    if (!window_) return Status::Ok();
    if (window_->log().records().empty()) {
      const std::string path = window_->journal_path();
      if (unlink(path.c_str()) != 0 && errno != ENOENT) {
        return ErrnoStatus(errno, "remove " + path);
      }
    } else {
      std::string refs = refs_.Encode(window_->stem().number);
      background_->Close(*std::move(window_), std::move(refs));
    }
    window_.reset();
    return Status::Ok();
  }

  [[nodiscard]] int64_t WindowStart(int64_t end_ns) const {
    return end_ns - end_ns % options_.segment_ns;
  }

  // Its time is over; a small one has time until its day is.
  [[nodiscard]] bool IsOver(int64_t end_ns) const {
    const int64_t start_ns = window_->stem().start_ns;
    if (end_ns < start_ns || end_ns - start_ns < options_.segment_ns) return false;
    return window_->journal_bytes() >= options_.min_journal_bytes ||
           DayOf(end_ns) != DayOf(start_ns);
  }

  // Leaves an open window that may take the record. When segments cannot be written the journal
  // goes on, and nothing is lost.
  Status MakeRoomFor(const Record& record) {
    const int64_t weight = record.profile->TotalWeight();
    const bool full =
        window_ && (window_->log().WouldOverflow(weight, weight * record.profile->period_ns) ||
                    window_->unwritten_bytes() > kMaxRecordBytes / 2);
    if (full || (window_ && IsOver(record.end_ns) && !background_->Behind())) {
      if (Status status = CloseWindow(); !status.ok()) return status;
    }
    if (!window_) window_.emplace(dir_, Stem{WindowStart(record.end_ns), next_number_++});
    return Status::Ok();
  }

  // Each segment carries on what was stored before it, so that the newest good one is enough.
  Status RecoverRefs(const Listing& listing) {
    for (auto it = listing.segments.rbegin(); it != listing.segments.rend(); ++it) {
      const std::string path = PathIn(dir_, SegmentName(*it));
      Status status = ReadRefs(path);
      if (status.ok()) return status;
      // When it can be read again it tells which windows are stored.
      if (!IsDamage(status)) return {status.code(), status.message() + kCannotRead};
      options_.on_warning(path +
                          " is damaged: windows in it may be stored a second time when their "
                          "targets offer them again");
    }
    return Status::Ok();
  }

  Status ReadRefs(const std::string& path) {
    Result<Segment> segment = Segment::Open(path);
    const Result<std::string> refs = segment.ok() ? segment->Refs() : segment.status();
    if (!refs.ok()) return refs.status();
    WindowRefs found;
    ByteReader in(*refs);
    found.Decode(&in);
    if (!in.ok()) return {StatusCode::kDataLoss, path + ": its refs are not understood"};
    refs_ = std::move(found);
    return Status::Ok();
  }

  Status RecoverJournal(const Stem& stem) {
    // Only one window can go on: an older one was not sealed yet.
    if (Status status = CloseWindow(); !status.ok()) return status;
    window_.emplace(dir_, stem);
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
  const WriterOptions options_;
  const LockedStore store_;
  WindowRefs refs_;
  uint64_t next_number_ = 1;
  std::optional<OpenWindow> window_;
  std::optional<Background> background_;
};

}  // namespace

Result<std::unique_ptr<StoreWriter>> OpenWriter(const std::string& dir,
                                                const WriterOptions& options) {
  Result<LockedStore> store = LockStore(dir, Copies::kGetNewId);
  if (!store.ok()) return store.status();
  auto writer = std::make_unique<GdbmWriter>(dir, options, *std::move(store));
  if (Status status = writer->Recover(); !status.ok()) return status;
  return std::unique_ptr<StoreWriter>(std::move(writer));
}

}  // namespace stacksampler::store
