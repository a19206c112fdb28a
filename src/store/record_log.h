// SPDX-License-Identifier: MIT
//
// Purpose: the records of one open window, as the journal holds them: the writer seals from it, a
//   reader merges from it.
// Shapes: ids are those of the window's dictionary. The cells stay bytes, as they were written, in
//   one arena: an hour of a hundred processes is some megabytes instead of hundreds.
// Thread safety: one thread at a time.
// Errors: a bad record fails the ByteReader and leaves the log as it was.
#ifndef STACKSAMPLER_STORE_RECORD_LOG_H_
#define STACKSAMPLER_STORE_RECORD_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "stacksampler/profile.h"
#include "store/dictionary.h"
#include "store/profile_store.h"

namespace stacksampler::store {

/// The cells of one label set in one record, and its time cells, where it has any.
struct Run {
  LabelSetId labels = 0;  // those of the target and of the samples together
  size_t cells_at = 0;    // in the log's arena
  size_t cells_size = 0;
  size_t times_size = 0;  // right behind the cells
};

struct StoredRecord {
  LabelSetId target = 0;
  WindowRef window;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  int64_t period_ns = 0;
  int64_t weight = 0;     // over all runs
  int64_t cpu_ns = 0;     // weight * period
  int64_t bucket_ns = 0;  // of its time cells; 0: it has none
  std::vector<Run> runs;  // at least one: a record without samples has one without cells
};

class RecordLog {
 public:
  /// Reads one record to the end of `in` and adds it. The ids that it names have to be below the
  /// sizes given.
  void Add(ByteReader* in, size_t stack_count, size_t label_set_count);
  /// With so much more the sums over all records would pass 2^63; Add() fails then.
  [[nodiscard]] bool WouldOverflow(int64_t weight, int64_t cpu_ns) const;
  [[nodiscard]] const std::vector<StoredRecord>& records() const { return records_; }
  [[nodiscard]] std::string_view Cells(const Run& run) const {
    return std::string_view(arena_).substr(run.cells_at, run.cells_size);
  }
  /// REQUIRES: a run of a record whose bucket_ns is not 0.
  [[nodiscard]] std::string_view TimeCells(const Run& run) const {
    return std::string_view(arena_).substr(run.cells_at + run.cells_size, run.times_size);
  }

 private:
  // A record as it is being read: the bytes of its runs are where they came from.
  struct ReadRuns {
    StoredRecord record;
    std::vector<std::pair<std::string_view, std::string_view>> bytes;  // cells, time cells
  };

  static bool ReadRun(ByteReader* in, size_t stack_count, size_t label_set_count, ReadRuns* read);
  static bool ReadTimes(ByteReader* in, size_t stack_count, ReadRuns* read);
  void Keep(ReadRuns read);

  std::vector<StoredRecord> records_;
  std::string arena_;
  int64_t weight_ = 0;
  int64_t cpu_ns_ = 0;
};

/// Writes `record` (its profile valid) for a journal whose dictionary is `dictionary`, interning
/// what it needs there. `copier` copies from the one to the other. RecordLog::Add() reads it back.
std::string EncodeRecord(const Record& record, Profile* dictionary, StackCopier* copier);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_RECORD_LOG_H_
