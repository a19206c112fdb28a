// SPDX-License-Identifier: MIT
#include "store/record_visit.h"

#include <algorithm>
#include <utility>

#include "store/cells.h"
#include "store/journal_tail.h"
#include "store/segment_rows.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

// A file listed a moment ago is gone: it was sealed meanwhile, and is found under its other name.
constexpr int kMaxTries = 3;

using Visit = std::function<void(const VisitedCell&)>;

// `stacks` is what the numbers in the row mean.
bool VisitRow(const Row& row, const Target& table, const SegmentTables& tables,
              const std::vector<StackId>& stacks, const Visit& visit) {
  for (const auto& [series, cells] : row.runs) {
    const LabelSetId labels = tables.ids.label_sets()[table.series[series].labels];
    const bool good = ForEachCell(cells, stacks.size(), [&](StackId stack, int64_t weight) {
      visit({row.end_ns, labels, stacks[stack], weight});
      return true;
    });
    if (!good) return false;
  }
  return true;
}

void Warn(const Status& status, std::vector<std::string>* warnings) {
  if (!status.ok()) warnings->push_back(status.message() + "; windows in it are missing");
}

Status VisitSegment(const std::string& path, const Range& range, Profile* vocabulary,
                    const Visit& visit, std::vector<std::string>* warnings) {
  Result<GdbmFile> file = GdbmFile::Open(path);
  if (!file.ok()) return file.status();
  const Result<SegmentTables> tables = FetchTables(&*file, path, vocabulary);
  if (!tables.ok()) return tables.status();
  const auto meets = [&range](int64_t slice) {
    return range.Meets(slice * kSliceNs, slice * kSliceNs + (kSliceNs - 1));
  };
  for (size_t target = 0; target < tables->targets.size(); ++target) {
    const Target& table = tables->targets[target];
    if (std::none_of(table.slices.begin(), table.slices.end(), meets)) continue;
    const Result<std::vector<StackId>> stacks = FetchStacksOfRows(&*file, path, *tables, target);
    if (!stacks.ok()) {
      Warn(stacks.status(), warnings);
      continue;
    }
    for (const int64_t slice : table.slices) {
      if (!meets(slice)) continue;
      Warn(ForEachRowOf(&*file, path, table, target, slice,
                        [&](const Row& row) {
                          return !range.Contains(row.end_ns) ||
                                 VisitRow(row, table, *tables, *stacks, visit);
                        }),
           warnings);
    }
  }
  return Status::Ok();
}

Status VisitJournal(const std::string& path, const Range& range, Profile* vocabulary,
                    const Visit& visit, std::vector<std::string>* warnings) {
  JournalTail tail(path);
  if (Status status = tail.Refresh(vocabulary); !status.ok()) return status;
  for (const StoredRecord& record : tail.log().records()) {
    if (!range.Contains(record.end_ns)) continue;
    for (const Run& run : record.runs) {
      const auto& stacks = tail.ids().stacks();
      // Cells were checked when the log took them.
      ForEachCell(tail.log().Cells(run), stacks.size(), [&](StackId stack, int64_t weight) {
        visit({record.end_ns, tail.ids().label_sets()[run.labels], stacks[stack], weight});
        return true;
      });
    }
  }
  if (const std::string problem = tail.problem(); !problem.empty()) warnings->push_back(problem);
  return Status::Ok();
}

// Whichever of the two there is. A journal is read whole before any of it is visited, and a segment
// that is open stays readable: nothing is visited twice.
Status VisitWindow(const std::string& dir, const Stem& stem, const Range& range,
                   Profile* vocabulary, const Visit& visit, std::vector<std::string>* warnings) {
  Status status;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    status = VisitSegment(PathIn(dir, SegmentName(stem)), range, vocabulary, visit, warnings);
    if (status.code() != StatusCode::kNotFound) break;
    status = VisitJournal(PathIn(dir, JournalName(stem)), range, vocabulary, visit, warnings);
    if (status.code() != StatusCode::kNotFound) break;
  }
  return status;
}

// A day's total has no records of its own.
void WarnOfDays(const std::string& dir, const Listing& listing, const Range& range,
                std::vector<std::string>* warnings) {
  for (const DayStem& day : listing.days) {
    if (!range.Meets(day.start_ns, day.start_ns + kDayNs - 1) || HasAllSegments(listing, day)) {
      continue;
    }
    warnings->push_back(PathIn(dir, DayName(day)) +
                        ": only the total of this day is kept; its records are missing");
  }
}

}  // namespace

Status VisitRecords(const std::string& dir, const Range& range, Profile* vocabulary,
                    const Visit& visit, std::vector<std::string>* warnings) {
  const Result<Listing> listing = ListStore(dir);
  if (!listing.ok()) return listing.status();
  for (const auto* stems : {&listing->segments, &listing->journals}) {
    for (const Stem& stem : *stems) {
      Warn(VisitWindow(dir, stem, range, vocabulary, visit, warnings), warnings);
    }
  }
  WarnOfDays(dir, *listing, range, warnings);
  for (const Stem& stem : listing->damaged) {
    warnings->push_back(PathIn(dir, DamagedName(stem)) +
                        " was set aside as damaged: windows in it may be missing");
  }
  return Status::Ok();
}

}  // namespace stacksampler::store
