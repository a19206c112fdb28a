// SPDX-License-Identifier: MIT
#include "store/dense_dictionary.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "store/dictionary.h"

namespace stacksampler::store {
namespace {

std::vector<uint32_t> CountCells(const RecordLog& log, size_t stack_count) {
  std::vector<uint32_t> cells(stack_count);
  for (const StoredRecord& record : log.records()) {
    for (const Run& run : record.runs) {
      ForEachCell(log.Cells(run), stack_count, [&](StackId stack, int64_t) {
        if (stack != 0) ++cells[stack];  // the empty stack is 0 in every dictionary
        return true;
      });
    }
  }
  return cells;
}

// Cells of each stack, 0 for those that come first. A stack stays behind its parent: what is below
// one with samples comes last as well, and one with samples before all that is below it.
std::vector<uint32_t> Uses(const Profile& from, const RecordLog& log) {
  std::vector<uint32_t> uses = CountCells(log, from.stacks().size());
  const std::vector<StackNode>& stacks = from.stacks();
  for (StackId stack = 1; stack < uses.size(); ++stack) {
    if (uses[stacks[stack].parent] != 0) uses[stack] = std::max(uses[stack], 1U);
  }
  for (size_t stack = uses.size(); stack-- > 1;) {
    uint32_t& parent = uses[stacks[stack].parent];
    if (parent != 0) parent = std::max(parent, uses[stack]);
  }
  return uses;
}

}  // namespace

DenseDictionary::DenseDictionary(const Profile& from, const RecordLog& log)
    : ids_(from.stacks().size()) {
  for (const Labels& labels : from.label_sets()) profile_.InternLabels(labels);
  const std::vector<uint32_t> uses = Uses(from, log);
  std::vector<StackId> order(ids_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](StackId a, StackId b) {
    if (uses[a] == 0 || uses[b] == 0) return uses[a] < uses[b];
    return uses[a] > uses[b];
  });
  StackCopier copier(from, &profile_);
  for (const StackId stack : order) ids_[stack] = copier.Copy(stack);
}

std::vector<Cell> DenseDictionary::Translate(std::string_view cells) const {
  std::vector<Cell> out;
  ForEachCell(cells, ids_.size(), [&](StackId stack, int64_t weight) {
    out.push_back({ids_[stack], weight});
    return true;
  });
  return out;
}

std::vector<TimeCell> DenseDictionary::TranslateTimes(std::string_view cells) const {
  std::vector<TimeCell> out;
  ForEachTimeCell(cells, ids_.size(), INT64_MAX,
                  [&](StackId stack, int64_t bucket, int64_t weight) {
                    out.push_back({ids_[stack], bucket, weight});
                    return true;
                  });
  SortAndCoalesce(&out);
  return out;
}

}  // namespace stacksampler::store
