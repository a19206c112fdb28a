// SPDX-License-Identifier: MIT
//
// Purpose: sums what a query takes from many files into one Profile.
// Shapes: all files were interned into one profile, the vocabulary, whose ids are used here.
//   Without labels the sums are one dense array over its stacks: adding a cell costs a nanosecond.
// Thread safety: one thread at a time.
// Errors: Take() refuses sums that pass 2^63.
#ifndef STACKSAMPLER_STORE_MERGER_H_
#define STACKSAMPLER_STORE_MERGER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/dictionary.h"
#include "store/profile_store.h"

namespace stacksampler::store {

/// Which records a query takes, by their windows' ends.
struct Range {
  int64_t from_ns = INT64_MIN;  // both inclusive
  int64_t until_ns = INT64_MAX;

  [[nodiscard]] bool Contains(int64_t end_ns) const {
    return from_ns <= end_ns && end_ns <= until_ns;
  }
  [[nodiscard]] bool Covers(int64_t first_end_ns, int64_t last_end_ns) const {
    return from_ns <= first_end_ns && last_end_ns <= until_ns;
  }
  [[nodiscard]] bool Meets(int64_t first_end_ns, int64_t last_end_ns) const {
    return from_ns <= last_end_ns && first_end_ns <= until_ns;
  }
};

/// Whether the matches hold together, as LabelMatch says.
bool Matches(const Labels& labels, const std::vector<LabelMatch>& matches);

/// Remembers which label sets of a vocabulary the matches hold for.
class LabelFilter {
 public:
  /// Both must outlive it. The vocabulary may grow meanwhile.
  LabelFilter(const std::vector<LabelMatch>& matches, const Profile& vocabulary)
      : matches_(matches), vocabulary_(vocabulary) {}
  bool Wants(LabelSetId labels);

 private:
  const std::vector<LabelMatch>& matches_;
  const Profile& vocabulary_;
  std::vector<int8_t> wanted_;  // per label set: 0 not asked yet, 1 yes, -1 no
};

class Merger {
 public:
  /// Both must outlive it. The vocabulary may grow meanwhile.
  Merger(const Query& query, const Profile& vocabulary)
      : query_(query),
        vocabulary_(vocabulary),
        filter_(query.matches, vocabulary),
        copier_(vocabulary, &out_) {}
  Merger(const Query&& query, const Profile& vocabulary) = delete;

  Merger(const Merger&) = delete;
  Merger& operator=(const Merger&) = delete;

  [[nodiscard]] Range range() const { return {query_.from_ns, query_.until_ns}; }
  [[nodiscard]] bool keeps_labels() const { return query_.keep_labels; }
  [[nodiscard]] bool has_filter() const { return !query_.matches.empty(); }
  /// The query's matches hold for the label set.
  bool Wants(LabelSetId labels) { return filter_.Wants(labels); }
  /// Adds cells whose stack ids `stacks` turns into the vocabulary's; false when they are damaged.
  bool AddCells(std::string_view cells, const std::vector<StackId>& stacks, LabelSetId labels,
                int64_t period_ns);
  /// Says that so many records, which cover such a time, were (or will be) added.
  void AddRecords(uint64_t count, int64_t start_ns, int64_t end_ns);

  [[nodiscard]] uint64_t records() const { return records_; }
  /// Gives the sums, and ends the merger's use.
  Result<Profile> Take();

 private:
  struct Sum {
    int64_t weight = 0;
    int64_t cpu_ns = 0;
  };
  // May wrap around while it adds; what wrapped around is refused.
  struct UnsignedSum {
    uint64_t weight = 0;
    uint64_t cpu_ns = 0;
  };
  // Both leave in `sum` a weight above 0 when they added any.
  bool AddLabelled(std::string_view cells, const std::vector<StackId>& stacks, LabelSetId labels,
                   int64_t period_ns, Sum* sum);
  bool AddUnlabelled(std::string_view cells, const std::vector<StackId>& stacks, int64_t period_ns,
                     Sum* sum);
  void AddToTotal(const Sum& sum);
  void TakeSums();

  const Query& query_;
  const Profile& vocabulary_;
  LabelFilter filter_;
  std::vector<UnsignedSum> sums_;  // per stack; only when labels are not kept
  Profile out_;                    // sums by (stack, labels) itself when they are
  StackCopier copier_;             // from the vocabulary to out_
  Sum total_;
  bool overflow_ = false;
  uint64_t records_ = 0;
  int64_t start_ns_ = 0;
  int64_t end_ns_ = 0;
  int64_t period_ns_ = -1;  // -1: nothing added yet; 0: unknown or mixed
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_MERGER_H_
