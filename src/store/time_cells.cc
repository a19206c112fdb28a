// SPDX-License-Identifier: MIT
#include "store/time_cells.h"

#include <algorithm>
#include <tuple>

namespace stacksampler::store {

void SortAndCoalesce(std::vector<TimeCell>* cells) {
  std::sort(cells->begin(), cells->end(), [](const TimeCell& a, const TimeCell& b) {
    return std::tie(a.stack, a.bucket) < std::tie(b.stack, b.bucket);
  });
  size_t kept = 0;
  for (const TimeCell& next : *cells) {
    TimeCell* last = kept > 0 ? &(*cells)[kept - 1] : nullptr;
    if (last != nullptr && last->stack == next.stack && last->bucket == next.bucket) {
      last->weight += next.weight;
    } else {
      (*cells)[kept++] = next;
    }
  }
  cells->resize(kept);
}

std::string EncodeTimeCells(const std::vector<TimeCell>& cells) {
  const auto earlier = [](const TimeCell& a, const TimeCell& b) { return a.bucket < b.bucket; };
  const auto first = std::min_element(cells.begin(), cells.end(), earlier);
  const int64_t first_bucket = first == cells.end() ? 0 : first->bucket;
  std::string stacks;
  std::string buckets;
  std::string weights;
  size_t count = 0;
  StackId previous = 0;
  for (auto it = cells.begin(); it != cells.end(); ++count) {
    const StackId stack = it->stack;
    const auto end =
        std::find_if(it, cells.end(), [&](const TimeCell& cell) { return cell.stack != stack; });
    PutVarint(&stacks, stack - previous);
    PutVarint(&stacks, static_cast<uint64_t>(end - it));
    previous = stack;
    for (int64_t bucket = first_bucket; it != end; bucket = it++->bucket) {
      PutVarint(&buckets, static_cast<uint64_t>(it->bucket - bucket));
      PutVarint(&weights, static_cast<uint64_t>(it->weight));
    }
  }
  std::string out;
  PutVarint(&out, static_cast<uint64_t>(first_bucket));
  PutVarint(&out, count);
  PutText(&out, stacks);
  PutText(&out, buckets);
  return out + weights;
}

}  // namespace stacksampler::store
