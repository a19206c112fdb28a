// SPDX-License-Identifier: MIT
//
// Purpose: the directory that is a store: the names of its files, its STORE file, its lock.
// Shapes: docs/store-format.md. A window's journal and its sealed segment share their stem
//   `<start>-<number>`; numbers rise by one from window to window and are never used again.
// Thread safety: free functions over values.
// Errors: name the directory or the file, and the way out.
#ifndef STACKSAMPLER_STORE_STORE_DIR_H_
#define STACKSAMPLER_STORE_STORE_DIR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

/// Version 2 has sample times, version 3 segments whose rows are numbered in a target's order. What
/// older programs wrote is read; a store gets this version when a writer opens it.
inline constexpr int kFormatVersion = 3;

/// What a window's journal and its sealed segment have in common.
struct Stem {
  int64_t start_ns = 0;
  uint64_t number = 0;

  friend bool operator==(const Stem& a, const Stem& b) {
    return a.start_ns == b.start_ns && a.number == b.number;
  }
};

/// What a day's total is: windows `first` to `last`, by their numbers, began on the day.
struct DayStem {
  int64_t start_ns = 0;
  uint64_t first = 0;
  uint64_t last = 0;

  [[nodiscard]] bool Has(const Stem& window) const {
    return first <= window.number && window.number <= last;
  }
  friend bool operator==(const DayStem& a, const DayStem& b) = default;
};
/// Days are those of UTC.
inline constexpr int64_t kDayNs = int64_t{24 * 3600} * 1'000'000'000;
inline int64_t DayOf(int64_t time_ns) { return time_ns - time_ns % kDayNs; }

/// "j-<start>-<number>.wal"
std::string JournalName(const Stem& stem);
/// "h-<start>-<number>.gdbm"
std::string SegmentName(const Stem& stem);
/// "d-<start>-<first>-<last>.gdbm"
std::string DayName(const DayStem& day);
/// "j-<start>-<number>.wal.damaged"
std::string DamagedName(const Stem& stem);
/// "h-<start>-<number>.gdbm.damaged"
std::string DamagedSegmentName(const Stem& stem);

/// The files of a store, each list in the order of the windows' numbers.
struct Listing {
  std::vector<Stem> segments;
  std::vector<DayStem> days;            // totals of days
  std::vector<Stem> journals;           // of windows that are not sealed
  std::vector<Stem> sealed_journals;    // superseded by the segment of the same stem
  std::vector<Stem> damaged;            // journals that a writer set aside
  std::vector<Stem> damaged_segments;   // segments that a repair set aside
  std::vector<std::string> unfinished;  // names, *.tmp
};
Result<Listing> ListStore(const std::string& dir);
/// The highest number that a window has; 0 when there is none.
uint64_t LastNumber(const Listing& listing);
/// Whether everything that went into the total is still there in detail.
bool HasAllSegments(const Listing& listing, const DayStem& day);
/// Every name in `dir` but "." and "..".
Result<std::vector<std::string>> ListNames(const std::string& dir);

/// "DIR/NAME"
std::string PathIn(const std::string& dir, const std::string& name);

inline constexpr const char* kStoreName = "STORE";
/// "DIR/STORE"
std::string StoreFile(const std::string& dir);
/// The store's id. kNotFound when `dir` does not exist or is no store, kUnsupported when a newer
/// version wrote it.
Result<std::string> ReadStoreId(const std::string& dir);

/// Locks `dir` against other writers, and makes a store of it when it is not there (its parent is)
/// or empty. A directory that is refused stays as it was.
struct LockedStore {
  std::string id;
  UniqueFd lock;     // held while it is open
  std::string told;  // of a copy that got an id of its own, in one line; else ""
};
/// What a copy of a store is called by its targets: a store goes on beside its original, so it gets
/// an id of its own; an outbox is one that was moved.
enum class Copies { kGetNewId, kKeepId };
Result<LockedStore> LockStore(const std::string& dir, Copies copies);

/// Locks `dir` like LockStore(). Writes the STORE file anew when it is damaged, or missing beside
/// files of a store. A store of a newer version is refused.
struct RestoredStore {
  UniqueFd lock;
  std::string restored;  // what was done, in one line; "" when STORE was good
};
Result<RestoredStore> RestoreStore(const std::string& dir);
/// Makes the locked store one of kFormatVersion: what is written from now on needs it. Durable when
/// it returns, and so is whatever else was renamed in `dir` before.
Status RaiseVersion(const std::string& dir);
/// A writer holds the lock of `dir` now.
bool HasWriter(const std::string& dir);

/// All of a file that holds some text.
Result<std::string> ReadSmallFile(const std::string& path);
/// Puts a text into `dir` under `name`: the old one or the new one is there, whatever happens.
/// Durable when it returns.
Status ReplaceSmallFile(const std::string& dir, const std::string& name, std::string_view text);
/// The same with a text that depends on the new file, which is open under `fd`.
Status ReplaceSmallFile(const std::string& dir, const std::string& name,
                        const std::function<std::string(int fd)>& text);

/// Renames and removals in `dir` reach the disk.
Status SyncDir(const std::string& dir);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_STORE_DIR_H_
