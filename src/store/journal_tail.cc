// SPDX-License-Identifier: MIT
#include "store/journal_tail.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/errno_status.h"
#include "base/varint.h"
#include "store/checksum.h"

namespace stacksampler::store {
namespace {

// A record that is being written looks torn for some microseconds: look again before saying so.
constexpr int kTornLooks = 5;
constexpr std::chrono::milliseconds kTornPause{1};

}  // namespace

Status JournalTail::Refresh(Profile* vocabulary) {
  // What looks damaged may be a write that failed and was just replaced: read it anew.
  if (scan_.end == JournalEnd::kDamaged) *this = JournalTail(path_);
  const UniqueFd fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path_);
  const bool was_torn = scan_.end == JournalEnd::kTorn;
  if (Status status = Scan(fd, vocabulary); !status.ok()) return status;
  for (int i = 0; i < kTornLooks && scan_.end == JournalEnd::kTorn && !was_torn; ++i) {
    std::this_thread::sleep_for(kTornPause);
    if (Status status = Scan(fd, vocabulary); !status.ok()) return status;
  }
  return Status::Ok();
}

Status JournalTail::Scan(const UniqueFd& fd, Profile* vocabulary) {
  const Result<JournalScan> scan =
      ScanJournal(fd, path_, scan_.good_bytes, [&](std::string_view payload) {
        ByteReader in(payload);
        ids_.Absorb(&in, vocabulary);
        log_.Add(&in, ids_.stacks().size(), ids_.label_sets().size());
        return in.ok();
      });
  if (!scan.ok()) return scan.status();
  scan_ = *scan;
  return Status::Ok();
}

void JournalTail::Merge(Merger* merger) const {
  for (const StoredRecord& record : log_.records()) {
    if (!merger->range().Contains(record.end_ns)) continue;
    bool any = false;
    for (const Run& run : record.runs) {
      const LabelSetId labels = ids_.label_sets()[run.labels];
      if (!merger->Wants(labels)) continue;
      any = true;
      // Cells were checked when the log took them.
      (void)merger->AddCells(log_.Cells(run), ids_.stacks(), labels, record.period_ns);
    }
    if (any) merger->AddRecords(1, record.start_ns, record.end_ns);
  }
}

void JournalTail::AddVolumes(VolumeSums* sums) const {
  for (const StoredRecord& record : log_.records()) {
    if (!sums->range().Contains(record.end_ns)) continue;
    for (const Run& run : record.runs) {
      const LabelSetId labels = ids_.label_sets()[run.labels];
      if (!sums->Wants(labels)) continue;
      // Cells were checked when the log took them.
      (void)sums->AddCells(log_.Cells(run), labels, record.period_ns, record.end_ns);
    }
  }
}

void JournalTail::AddTimes(TimesSums* sums) const {
  for (const StoredRecord& record : log_.records()) {
    if (record.bucket_ns == 0 || !sums->Meets(record.start_ns, record.end_ns)) continue;
    for (const Run& run : record.runs) {
      const LabelSetId labels = ids_.label_sets()[run.labels];
      if (!sums->Wants(labels)) continue;
      // Cells were checked when the log took them.
      (void)sums->AddCells(log_.TimeCells(run), ids_.stacks(), labels, record.period_ns,
                           record.bucket_ns);
    }
  }
}

// A journal only grows, so that its records are known by their numbers.
uint64_t JournalTail::Contents(const Range& range) const {
  std::string numbers;
  const auto& records = log_.records();
  for (size_t i = 0; i < records.size(); ++i) {
    if (range.Contains(records[i].end_ns)) PutVarint(&numbers, i);
  }
  return numbers.empty() ? 0 : Checksum(numbers);
}

void JournalTail::CollectSeries(const Range& range, std::set<LabelSetId>* found) const {
  for (const StoredRecord& record : log_.records()) {
    if (!range.Contains(record.end_ns)) continue;
    for (const Run& run : record.runs) found->insert(ids_.label_sets()[run.labels]);
  }
}

std::string JournalTail::problem() const {
  switch (scan_.end) {
    case JournalEnd::kClean:
      return "";
    case JournalEnd::kTorn:
      return path_ + ": its last record is not complete and was left out";
    case JournalEnd::kDamaged:
      return path_ + ": damaged after byte " + std::to_string(scan_.good_bytes) +
             "; the windows stored behind it are missing";
  }
  return "";
}

}  // namespace stacksampler::store
