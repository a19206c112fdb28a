// SPDX-License-Identifier: MIT
//
// Purpose: reads the journal of a window that is not sealed, beside its writer: what came since the
//   last look.
// Thread safety: one thread at a time.
// Errors: kNotFound when the file is gone (list again). Damage does not fail a refresh: what is
//   before it counts, and problem() says it.
#ifndef STACKSAMPLER_STORE_JOURNAL_TAIL_H_
#define STACKSAMPLER_STORE_JOURNAL_TAIL_H_

#include <cstdint>
#include <set>
#include <string>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/dictionary.h"
#include "store/journal.h"
#include "store/merger.h"
#include "store/record_log.h"
#include "store/times_sums.h"
#include "store/volume.h"

namespace stacksampler::store {

class JournalTail {
 public:
  explicit JournalTail(std::string path) : path_(std::move(path)) {}

  /// Reads what was appended. `vocabulary` must be the same in every call.
  Status Refresh(Profile* vocabulary);
  /// Adds the records in the merger's range.
  void Merge(Merger* merger) const;
  /// Adds the volumes of the records in the sums' range.
  void AddVolumes(VolumeSums* sums) const;
  /// Adds the sample times in the sums' range.
  void AddTimes(TimesSums* sums) const;
  /// A checksum of which of its records are in the range; 0 when none is.
  [[nodiscard]] uint64_t Contents(const Range& range) const;
  void CollectSeries(const Range& range, std::set<LabelSetId>* found) const;
  [[nodiscard]] const RecordLog& log() const { return log_; }
  /// From the ids of the log to the vocabulary's.
  [[nodiscard]] const DictionaryMap& ids() const { return ids_; }
  /// What keeps the rest of the file from being read; "" when nothing does.
  [[nodiscard]] std::string problem() const;

 private:
  Status Scan(const UniqueFd& fd, Profile* vocabulary);

  std::string path_;
  JournalScan scan_;
  DictionaryMap ids_;
  RecordLog log_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_JOURNAL_TAIL_H_
