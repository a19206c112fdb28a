// SPDX-License-Identifier: MIT
//
// Purpose: two periods, or two sets of targets, as one tree and one table: what each frame and each
//   function had of either's CPU time, and whether the difference is one.
// Shapes: the tree is the union of both. A node is as wide as the larger of its two shares, so that
//   what vanished is still there; widths are billionths. Shares are of all the CPU time that its
//   own side sampled, which makes sides of unequal length comparable.
// Cost: one pass over the store per side.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_DIFF_H_
#define STACKSAMPLER_VISUALIZER_DIFF_H_

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "profile/call_tree.h"
#include "profile/tree_builder.h"
#include "stacksampler/keyed_hash.h"
#include "store/profile_store.h"
#include "visualizer/change_stats.h"
#include "visualizer/merged_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

inline constexpr int64_t kReplicates = 12;
inline constexpr int64_t kWholeWidth = 1'000'000'000;

enum Side : uint8_t { kBase = 0, kCurrent = 1 };

/// A frame of the tree or a function on both sides.
struct Compared {
  std::array<PartSums, 2> total;
  std::array<int64_t, 2> self = {0, 0};
};

class Diff {
 public:
  Diff();
  /// Adds one interval of one side. `group_levels`: see CostByFunction().
  void Add(Side side, const CallTree& interval, double quantum, uint32_t group_levels);

  [[nodiscard]] const PeriodSums& period(Side side) const { return periods_[side]; }
  [[nodiscard]] Change ChangeOf(const Compared& compared) const;
  /// By name's number in Finish()'s tree.
  [[nodiscard]] const std::vector<Compared>& functions() const { return functions_; }
  /// In the order of the tree's nodes. REQUIRES: after Finish().
  [[nodiscard]] const std::vector<Compared>& frames() const { return frames_; }
  /// The union; once.
  CallTree Finish(SiblingOrder order);

 private:
  uint32_t Intern(const std::string& text,
                  std::unordered_map<std::string, uint32_t, TextHasher>* ids,
                  std::vector<std::string>* texts);
  CallNode Translate(const CallTree& tree, const CallNode& node);
  void AddFrames(Side side, const CallTree& tree);
  void AddFunctions(Side side, const CallTree& tree, uint32_t group_levels);
  [[nodiscard]] int64_t WidthOf(const Compared& frame) const;

  std::array<PeriodSums, 2> periods_;
  std::unordered_map<std::string, uint32_t, TextHasher> name_ids_;
  std::unordered_map<std::string, uint32_t, TextHasher> module_ids_;
  std::vector<std::string> names_;
  std::vector<std::string> modules_;
  TreeBuilder builder_;
  std::vector<Compared> frames_;     // by the builder's ids, then in the tree's order
  std::vector<Compared> functions_;  // by name
};

struct DiffAnswer {
  const DiffQuery* query = nullptr;
  store::Extent stored;
  TreeUnit unit = TreeUnit::kCpuMicroseconds;
  std::array<uint64_t, 2> records = {0, 0};
  std::array<int64_t, 2> left_out = {0, 0};  // by the edit
  std::vector<std::string> warnings;
  Diff diff;
};

/// Reads both sides, interval by interval.
Status ReadDiff(MergedStore* store, DiffAnswer* answer);

std::string DiffJson(DiffAnswer* answer);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_DIFF_H_
