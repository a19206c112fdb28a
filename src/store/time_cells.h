// SPDX-License-Identifier: MIT
//
// Purpose: sample times, the (stack, bucket, weight) triples of one series in one record, as bytes.
// Shapes: the first bucket, counted from the epoch; then columns: count of stacks, byte length, and
//   of each stack its id (as the difference to the one before) and its count of buckets; byte
//   length and buckets (of each stack ascending, as the difference to the one before, the first to
//   the first bucket); weights. All varints.
// Thread safety: free functions.
// Errors: ForEachTimeCell answers false for bytes that are no time cells; what came before was
//   handed out.
#ifndef STACKSAMPLER_STORE_TIME_CELLS_H_
#define STACKSAMPLER_STORE_TIME_CELLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/varint.h"
#include "stacksampler/profile.h"
#include "store/cells.h"
#include "store/sample_times.h"

namespace stacksampler::store {

struct TimeCell {
  StackId stack = 0;
  int64_t bucket = 0;  // begins at bucket times its length
  int64_t weight = 0;
};

/// Sorts them, and makes one of what has the same stack and bucket.
void SortAndCoalesce(std::vector<TimeCell>* cells);
/// REQUIRES: ascending by stack and bucket, each pair at most once, and no weight negative.
std::string EncodeTimeCells(const std::vector<TimeCell>& cells);

/// Calls `add(stack, bucket, weight)` for each; `add` answers false to stop.
template <typename Add>
bool ForEachTimeCell(std::string_view bytes, size_t stack_count, int64_t max_bucket, Add add) {
  ByteReader in(bytes);
  const int64_t first = in.Int63();
  const size_t count = in.Count();
  ByteReader stacks(in.Text());
  ByteReader buckets(in.Text());
  if (!in.ok() || first > max_bucket) return false;
  uint64_t stack = 0;
  for (size_t i = 0; i < count; ++i) {
    stack += stacks.VarintBelow(stack_count - stack);
    int64_t bucket = first;
    for (uint64_t left = stacks.Varint(); left > 0; --left) {
      bucket +=
          static_cast<int64_t>(buckets.VarintBelow(static_cast<uint64_t>(max_bucket - bucket) + 1));
      const int64_t weight = in.Int63();
      if (!stacks.ok() || !buckets.ok() || !in.ok()) return false;
      if (!add(static_cast<StackId>(stack), bucket, weight)) return false;
    }
  }
  return stacks.done() && buckets.done() && in.done();
}

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_TIME_CELLS_H_
