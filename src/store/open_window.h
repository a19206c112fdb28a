// SPDX-License-Identifier: MIT
//
// Purpose: the window that a writer has open: its journal, and in memory what the journal holds, so
//   that sealing reads nothing back.
// Thread safety: one thread at a time.
// Errors: an append that fails leaves the window as it was.
#ifndef STACKSAMPLER_STORE_OPEN_WINDOW_H_
#define STACKSAMPLER_STORE_OPEN_WINDOW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/dictionary.h"
#include "store/journal.h"
#include "store/profile_store.h"
#include "store/record_log.h"
#include "store/store_dir.h"

namespace stacksampler::store {

class OpenWindow {
 public:
  OpenWindow(std::string dir, const Stem& stem) : dir_(std::move(dir)), stem_(stem) {}

  /// Makes durable and reads the journal that an earlier writer left, and cuts off a torn end. A
  /// damaged journal stays as it is: what is before the damage can be sealed, but nothing appended.
  Result<JournalEnd> Replay();
  Status Append(const Record& record);
  /// Makes durable what was appended. After it failed once it fails for good: only the segment can
  /// make the window durable.
  Status Sync();
  [[nodiscard]] bool sync_failed() const { return !sync_.ok(); }
  /// Writes the segment, durable after SyncDir(). The journal stays, and is superseded.
  Status Seal(std::string_view refs) const;

  /// What the next record has to carry beside itself: words of records that failed.
  [[nodiscard]] size_t unwritten_bytes() const { return unwritten_bytes_; }
  [[nodiscard]] const Stem& stem() const { return stem_; }
  [[nodiscard]] const RecordLog& log() const { return log_; }
  /// Label sets that the log's ids name.
  [[nodiscard]] const Labels& labels(LabelSetId id) const { return dictionary_.label_sets()[id]; }
  [[nodiscard]] uint64_t journal_bytes() const { return journal_bytes_; }
  [[nodiscard]] std::string journal_path() const { return PathIn(dir_, JournalName(stem_)); }

 private:
  Status OpenJournal();
  std::string Encode(const Record& record);

  std::string dir_;
  Stem stem_;
  Journal journal_;
  bool name_is_durable_ = false;  // the journal's
  Status sync_;                   // Ok, or why the last Sync() failed
  uint64_t journal_bytes_ = 0;    // its good part
  Profile dictionary_;
  std::optional<StackCopier> copier_;  // of the last record with a number, and of all of its number
  uint64_t copier_number_ = 0;
  DictionaryMarks marks_;  // how much of the dictionary the journal has
  size_t unwritten_bytes_ = 0;
  RecordLog log_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_OPEN_WINDOW_H_
