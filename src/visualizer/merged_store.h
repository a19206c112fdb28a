// SPDX-License-Identifier: MIT
//
// Purpose: the store as the routes ask it: what was merged once is shared by the panes of a page, by
//   zooms and by viewers, as long as the store holds the same.
// Shapes: what is kept is named by what the range holds (StoreReader::Contents()), not by its ends:
//   a range that moves with the clock is merged again when a window enters or leaves it.
// Invariant: an answer is what the store would give at the moment of the question.
// Thread safety: all members from any thread.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_MERGED_STORE_H_
#define STACKSAMPLER_VISUALIZER_MERGED_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "profile/stack_tree.h"
#include "store/profile_store.h"
#include "visualizer/query.h"
#include "visualizer/result_cache.h"

namespace stacksampler::visualizer {

inline constexpr size_t kMaxKeptBytes = size_t{256} << 20;

struct MergedStacks {
  StackTree tree;
  uint64_t records = 0;
  int64_t left_out = 0;  // by the edit, in the tree's unit
  std::vector<std::string> warnings;
  std::string contents;
};

class MergedStore {
 public:
  /// `reader` must outlive it.
  explicit MergedStore(store::StoreReader* reader, size_t max_kept_bytes = kMaxKeptBytes)
      : reader_(reader), cache_(max_kept_bytes) {}

  /// What graph and search need: a first frame does not wait for nodes that it cannot show.
  Result<std::shared_ptr<const MergedStacks>> Stacks(const TreeQuery& query);
  /// All nodes of the same, heaviest sibling first.
  Result<std::shared_ptr<const CallTree>> Tree(const TreeQuery& query);
  /// All samples of what Stacks() makes its tree of, before the edit.
  Result<std::shared_ptr<const Profile>> Samples(const TreeQuery& query, bool keep_labels);
  Result<std::shared_ptr<const store::QueryResult>> Merge(const store::Query& query);
  Result<std::shared_ptr<const store::SampleTimes>> SampleTimes(
      const store::SampleTimesQuery& query);
  /// See StoreReader::MergeParts().
  Result<std::shared_ptr<const std::vector<store::QueryResult>>> MergeParts(
      const std::vector<store::Query>& parts);
  Result<std::shared_ptr<const store::VolumeResult>> Volumes(const store::VolumeQuery& query);
  Result<store::Extent> StoredExtent() { return reader_->StoredExtent(); }
  Result<store::SeriesResult> Series(int64_t from_ns, int64_t until_ns) {
    return reader_->Series(from_ns, until_ns);
  }

 private:
  template <typename T, typename Read>
  Result<std::shared_ptr<const T>> Share(int64_t from_ns, int64_t until_ns, const std::string& what,
                                         Read read);

  Result<store::QueryResult> ReadTree(const TreeQuery& query);

  store::StoreReader* const reader_;
  ResultCache cache_;
};

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_MERGED_STORE_H_
