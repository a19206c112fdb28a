// SPDX-License-Identifier: MIT
//
// Purpose: the passes of an import over the old file: one that counts, then some that take the
//   entries of a stretch of time.
// Shapes: stacks, targets and their ids are found by the counting pass and used by the others.
// Thread safety: one thread at a time.
// Errors: those of LegacyFile; entries that are none are counted.
#ifndef STACKSAMPLER_STORE_LEGACY_SCAN_H_
#define STACKSAMPLER_STORE_LEGACY_SCAN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stacksampler/keyed_hash.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/legacy_entry.h"
#include "store/legacy_file.h"

namespace stacksampler::store {

/// One entry in ids.
struct HeldEntry {
  int64_t time_s = 0;
  int64_t count = 0;
  uint32_t target = 0;
  StackId stack = 0;
};

/// From one second, inclusive, to another, exclusive.
struct TimeSpan {
  int64_t from_s = 0;
  int64_t until_s = 0;
};

class LegacyScan {
 public:
  LegacyScan(LegacyFile* file, std::function<void(double)> on_progress)
      : file_(file), on_progress_(std::move(on_progress)) {}

  /// Goes through the whole file. First of all.
  Status Count();
  /// Adds the entries of the span to `held`.
  Status Take(const TimeSpan& span, std::vector<HeldEntry>* held);

  /// Cuts all of the time into spans of at most so many entries, where minutes can be cut.
  [[nodiscard]] std::vector<TimeSpan> Spans(uint64_t max_entries) const;
  /// 16 hex digits out of the entries of the earliest second.
  [[nodiscard]] std::string Source() const;
  [[nodiscard]] uint64_t stacks() const { return stack_ids_.size(); }
  [[nodiscard]] uint64_t entries() const { return entries_; }
  [[nodiscard]] uint64_t malformed() const { return malformed_; }
  [[nodiscard]] const std::string& first_malformed() const { return first_malformed_; }
  [[nodiscard]] const std::vector<std::string>& targets() const { return targets_; }
  /// Holds all stacks, no samples.
  [[nodiscard]] const Profile& names() const { return names_; }

 private:
  template <typename Visit>
  void ForEachEntry(std::string_view entries, Visit visit);
  StackId InternStack(std::string_view stack);
  uint32_t TargetId(std::string_view target);
  void CountEntry(uint64_t stack_check, const LegacyEntry& entry);
  void Malformed(std::string_view word);

  LegacyFile* file_;
  std::function<void(double)> on_progress_;
  Profile names_;
  std::vector<StackId> stack_ids_;  // by their number in the file
  std::vector<std::string> targets_;
  std::unordered_map<std::string, uint32_t, TextHasher, std::equal_to<>> target_ids_;
  uint32_t last_target_ = 0;
  std::map<int64_t, uint64_t> minutes_;  // how many entries each has
  std::map<int64_t, uint64_t>::iterator last_minute_ = minutes_.end();
  uint64_t entries_ = 0;
  uint64_t malformed_ = 0;
  std::string first_malformed_;
  int64_t first_time_s_ = INT64_MAX;
  uint64_t first_check_ = 0;  // of all entries of that second, in whatever order
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_LEGACY_SCAN_H_
