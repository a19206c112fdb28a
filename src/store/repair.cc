// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "base/time_phrase.h"
#include "store/check.h"
#include "store/gdbm_file.h"
#include "store/journal_tail.h"
#include "store/open_window.h"
#include "store/profile_store.h"
#include "store/segment.h"
#include "store/segment_check.h"
#include "store/segment_writer.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

std::string Count(uint64_t records) {
  return std::to_string(records) + (records == 1 ? " record" : " records");
}

std::string Times(const CheckedSegment& found) {
  if (found.last_end_ns == 0) return "of unknown times";
  return "of " + FormatTime(found.first_end_ns) + " to " + FormatTime(found.last_end_ns);
}

// What cannot be read may be as good as new tomorrow.
Status CannotRead(const Status& status) {
  return {status.code(), status.message() +
                             ": what cannot be read is not repaired; try again, or move the file "
                             "out of the store where it can never be read"};
}

class SegmentRepair {
 public:
  explicit SegmentRepair(std::string dir) : dir_(std::move(dir)) {}

  Status Run(const Listing& listing) {
    for (const Stem& stem : listing.segments) {
      Result<CheckedSegment> found = CheckSegment(PathIn(dir_, SegmentName(stem)));
      if (!found.ok()) return found.status();
      if (!found->unread.ok()) return CannotRead(found->unread);
      if (!found->problems.empty()) {
        if (Status status = Mend(stem, &*found); !status.ok()) return status;
      }
      if (!found->refs.empty()) last_refs_ = found->refs;
    }
    return SyncDir(dir_);
  }
  Status RunDays(const Listing& listing) {
    for (const DayStem& day : listing.days) {
      const Result<CheckedSegment> found = CheckDay(PathIn(dir_, DayName(day)));
      if (!found.ok()) return found.status();
      if (!found->unread.ok()) return CannotRead(found->unread);
      if (!found->problems.empty()) MendDay(day, listing);
    }
    return SyncDir(dir_);
  }
  [[nodiscard]] std::vector<std::string> TakeDone() { return std::move(done_); }

 private:
  // A total says nothing that its segments do not. Without them it is all there is of the day.
  void MendDay(const DayStem& day, const Listing& listing) {
    const std::string path = PathIn(dir_, DayName(day));
    if (!HasAllSegments(listing, day)) {
      done_.push_back(path +
                      ": left as it is, for its segments are gone: what is good in it counts");
      return;
    }
    unlink(path.c_str());
    done_.push_back(path + ": removed, its day is summed up from its segments, none lost");
  }

  Status Mend(const Stem& stem, CheckedSegment* found) {
    if (Result<bool> rebuilt = RebuildFromJournal(stem, *found); !rebuilt.ok() || *rebuilt) {
      return rebuilt.status();
    }
    const std::string path = PathIn(dir_, SegmentName(stem));
    const bool whole = found->lost() == 0 && !found->log.records().empty();
    if (!whole) {
      if (Status status = KeepAside(stem); !status.ok()) return status;
    }
    if (found->log.records().empty()) {
      unlink(path.c_str());
    } else {
      Status status = WriteSegment(dir_, stem, found->dictionary, found->log, RefsFor(*found));
      if (!status.ok()) return status;
    }
    Say(path, *found, whole);
    return Status::Ok();
  }

  // Its journal stays for a minute after a window was sealed.
  Result<bool> RebuildFromJournal(const Stem& stem, const CheckedSegment& found) {
    const std::string journal = PathIn(dir_, JournalName(stem));
    if (access(journal.c_str(), F_OK) != 0) {
      if (errno == ENOENT) return false;
      return CannotRead(ErrnoStatus(errno, "open " + journal));
    }
    OpenWindow window(dir_, stem);
    const Result<JournalEnd> end = window.Replay();
    if (!end.ok() && !IsDamage(end.status())) return CannotRead(end.status());
    const uint64_t records = window.log().records().size();
    if (!end.ok() || *end != JournalEnd::kClean || records == 0 || records < found.records) {
      return false;
    }
    if (Status status = window.Seal(RefsFor(found)); !status.ok()) return status;
    done_.push_back(PathIn(dir_, SegmentName(stem)) + ": rebuilt from its journal, " +
                    Count(records) + ", none lost");
    return true;
  }

  // Without its own, those of the segment before: nothing that is stored now is forgotten but the
  // windows of this segment.
  [[nodiscard]] const std::string& RefsFor(const CheckedSegment& found) const {
    return found.refs.empty() ? last_refs_ : found.refs;
  }

  Status KeepAside(const Stem& stem) {
    const std::string path = PathIn(dir_, SegmentName(stem));
    const std::string kept = PathIn(dir_, DamagedSegmentName(stem));
    if (link(path.c_str(), kept.c_str()) == 0 || errno == EEXIST) return Status::Ok();
    return ErrnoStatus(errno, "link " + kept);
  }

  void Say(const std::string& path, const CheckedSegment& found, bool whole) {
    const uint64_t kept = found.log.records().size();
    std::string line = path + ": ";
    if (whole) {
      line += "written anew, " + Count(kept) + ", none lost";
    } else if (found.records == 0) {
      line += "nothing in it can be read, not even how much it held: set aside as .damaged";
    } else {
      line += "lost " + Count(found.lost()) + " " + Times(found) + ", kept " + Count(kept) +
              ": set aside as .damaged";
    }
    if (found.refs.empty()) {
      line += "; windows in it may be stored a second time when their targets offer them again";
    }
    if (found.lost_times) line += "; sample times of some of its records are lost";
    done_.push_back(line);
  }

  const std::string dir_;
  std::string last_refs_ = std::string(1, '\0');  // of no target
  std::vector<std::string> done_;
};

}  // namespace

Result<std::vector<std::string>> RepairStore(const std::string& dir) {
  std::vector<std::string> done;
  {
    const Result<RestoredStore> store = RestoreStore(dir);
    if (!store.ok()) return store.status();
    if (!store->restored.empty()) done.push_back(store->restored);
    const Result<Listing> listing = ListStore(dir);
    if (!listing.ok()) return listing.status();
    if (Status status = RaiseVersion(dir); !status.ok()) return status;
    SegmentRepair segments(dir);
    if (Status status = segments.Run(*listing); !status.ok()) return status;
    if (Status status = segments.RunDays(*listing); !status.ok()) return status;
    for (std::string& line : segments.TakeDone()) done.push_back(std::move(line));
    for (const std::string& name : listing->unfinished) {
      done.push_back(PathIn(dir, name) + ": removed, unfinished");
    }
  }
  // The rest is what every writer does when it starts.
  WriterOptions options;
  options.on_warning = [&](const std::string& line) { done.push_back(line); };
  const Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, options);
  if (!writer.ok()) return writer.status();
  return done;
}

}  // namespace stacksampler::store
