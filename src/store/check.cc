// SPDX-License-Identifier: MIT
#include "store/check.h"

#include <fcntl.h>
#include <sys/file.h>

#include <utility>

#include "base/unique_fd.h"
#include "store/import_mark.h"
#include "store/journal_tail.h"
#include "store/segment_check.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

// A file listed a moment ago was sealed, or expired: list again.
constexpr int kMaxListings = 5;

class StoreCheck {
 public:
  explicit StoreCheck(std::string dir) : dir_(std::move(dir)) {}

  // kNotFound when a file vanished meanwhile.
  Result<CheckReport> Run() {
    const Result<std::string> id = ReadStoreId(dir_);
    const Result<Listing> listing = ListStore(dir_);
    if (!listing.ok()) return listing.status();
    if (!id.ok()) Problem(id.status());
    report_.has_writer = HasWriter(dir_);
    for (const Stem& stem : listing->segments) {
      if (Status status = AddSegment(stem); !status.ok()) return status;
    }
    for (const DayStem& day : listing->days) {
      if (Status status = AddDay(day); !status.ok()) return status;
    }
    for (const Stem& stem : listing->journals) {
      if (Status status = AddJournal(stem); !status.ok()) return status;
    }
    if (Status status = CheckMarks(); !status.ok()) return status;
    AddLeftOvers(*listing);
    return std::move(report_);
  }

 private:
  void Problem(const Status& status) { report_.problems.push_back(status.message()); }

  Status AddSegment(const Stem& stem) {
    const Result<CheckedSegment> found = CheckSegment(PathIn(dir_, SegmentName(stem)));
    if (!found.ok()) return found.status();
    ++report_.segments;
    report_.records += found->log.records().size();
    for (const std::string& problem : found->problems) report_.problems.push_back(problem);
    return Status::Ok();
  }

  Status AddDay(const DayStem& day) {
    const Result<CheckedSegment> found = CheckDay(PathIn(dir_, DayName(day)));
    if (!found.ok()) return found.status();
    ++report_.days;
    for (const std::string& problem : found->problems) report_.problems.push_back(problem);
    return Status::Ok();
  }

  Status AddJournal(const Stem& stem) {
    JournalTail tail(PathIn(dir_, JournalName(stem)));
    Profile vocabulary;
    Status status = tail.Refresh(&vocabulary);
    if (status.code() == StatusCode::kNotFound) return status;
    ++report_.journals;
    report_.records += tail.log().records().size();
    if (!status.ok()) Problem(status);
    if (const std::string problem = tail.problem(); !problem.empty()) {
      report_.problems.push_back(problem);
    }
    return Status::Ok();
  }

  Status CheckMarks() {
    const Result<std::vector<std::string>> names = ListNames(dir_);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      if (!IsImportMarkName(name)) continue;
      const Result<ImportMark> mark = ReadImportMark(dir_, ImportMarkSource(name));
      if (!mark.ok()) Problem(mark.status());
    }
    return Status::Ok();
  }

  void AddLeftOvers(const Listing& listing) {
    for (const Stem& stem : listing.damaged) SetAside(DamagedName(stem));
    for (const Stem& stem : listing.damaged_segments) SetAside(DamagedSegmentName(stem));
    if (report_.has_writer) return;  // it is writing them
    for (const std::string& name : listing.unfinished) {
      report_.problems.push_back(PathIn(dir_, name) +
                                 ": unfinished, left by a writer that died; holds nothing that "
                                 "was stored, and the next writer removes it");
    }
  }

  void SetAside(const std::string& name) {
    report_.problems.push_back(PathIn(dir_, name) +
                               ": set aside as damaged earlier; what could be read of it is "
                               "stored, remove it when it is of no more use");
  }

  const std::string dir_;
  CheckReport report_;
};

}  // namespace

Result<CheckReport> CheckStore(const std::string& dir) {
  Result<CheckReport> report = Status(StatusCode::kInternal, "not tried");
  for (int i = 0; i < kMaxListings; ++i) {
    report = StoreCheck(dir).Run();
    if (report.ok() || report.status().code() != StatusCode::kNotFound) return report;
  }
  return report;
}

}  // namespace stacksampler::store
