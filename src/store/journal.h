// SPDX-License-Identifier: MIT
//
// Purpose: the journal of an open window: an append-only file of checksummed records.
// Shapes: the file's magic, then records of [length u32][payload checksum u64][header check
//   u32][payload], little-endian. The header has its own check, so that a record cut off by a crash
//   (torn) can be told from one whose bytes changed (damaged).
// Thread safety: one thread at a time.
// Errors: an append that fails leaves the file as it was before it.
#ifndef STACKSAMPLER_STORE_JOURNAL_H_
#define STACKSAMPLER_STORE_JOURNAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

/// A larger window is refused; far above what a collector takes from a target.
inline constexpr uint64_t kMaxRecordBytes = uint64_t{64} << 20;

class Journal {
 public:
  Journal() = default;
  /// Makes the file, or opens it to go on after its first `good_bytes`; what follows is cut off.
  static Result<Journal> Open(const std::string& path, uint64_t good_bytes);

  Status Append(std::string_view payload);
  Status Sync();
  [[nodiscard]] bool is_open() const { return fd_.valid(); }
  [[nodiscard]] uint64_t bytes() const { return good_bytes_; }

 private:
  Status WriteAll(std::string_view bytes);
  Status CutOff();

  std::string path_;
  UniqueFd fd_;
  uint64_t good_bytes_ = 0;
  bool has_tail_ = false;  // bytes of a failed write may follow the good ones
};

/// Writes the first `bytes` of a journal once more, in their place, and brings them to the disk. A
/// writer that was killed may have left what the kernel could not write; the kernel takes that for
/// clean, and only what is written again is tried again.
Status RewriteJournal(const std::string& path, uint64_t bytes);

enum class JournalEnd {
  kClean,
  kTorn,     // the last record is not complete: being written now, or its writer died
  kDamaged,  // bytes changed after they were written
};

struct JournalScan {
  uint64_t good_bytes = 0;  // from the start of the file
  JournalEnd end = JournalEnd::kClean;
};

/// Calls `apply(payload)` for each record from `from_byte` on (0, or where an earlier scan ended);
/// a false answer means damage.
Result<JournalScan> ScanJournal(const UniqueFd& fd, const std::string& path, uint64_t from_byte,
                                const std::function<bool(std::string_view)>& apply);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_JOURNAL_H_
