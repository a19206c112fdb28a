// SPDX-License-Identifier: MIT
#include "store/volume.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/cells.h"

namespace stacksampler::store {
namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// The interval whose end is at or after `end_ns`, and whose begin is before it.
int64_t NumberOf(int64_t end_ns, int64_t step_ns) {
  return FloorDiv(end_ns, step_ns) - (end_ns % step_ns == 0 ? 1 : 0);
}

int64_t FirstInterval(const VolumeQuery& query) { return FloorDiv(query.from_ns, query.step_ns); }

int64_t LastInterval(const VolumeQuery& query) {
  return std::max(FirstInterval(query), NumberOf(query.until_ns, query.step_ns));
}

}  // namespace

Status CheckVolumeQuery(const VolumeQuery& query) {
  if (query.step_ns <= 0 || query.from_ns > query.until_ns) {
    return {StatusCode::kInvalidArgument, "a timeline needs a range and a step above 0"};
  }
  // Unsigned: the difference of two times may pass 2^63.
  const uint64_t count =
      static_cast<uint64_t>(LastInterval(query)) - static_cast<uint64_t>(FirstInterval(query)) + 1;
  if (count <= kMaxVolumeIntervals) return Status::Ok();
  return {StatusCode::kInvalidArgument, "the range has " + std::to_string(count) +
                                            " intervals, more than " +
                                            std::to_string(kMaxVolumeIntervals)};
}

VolumeSums::VolumeSums(const VolumeQuery& query, const Profile& vocabulary)
    : query_(query), vocabulary_(vocabulary), filter_(query.matches, vocabulary) {
  const int64_t first = FirstInterval(query);
  result_.first_begin_ns = first * query.step_ns;
  result_.intervals = static_cast<size_t>(LastInterval(query) - first) + 1;
}

// What ends at the very begin of the range counts with its first interval.
size_t VolumeSums::IntervalOf(int64_t end_ns) const {
  const int64_t first = FirstInterval(query_);
  return static_cast<size_t>(std::max<int64_t>(NumberOf(end_ns, query_.step_ns) - first, 0));
}

bool VolumeSums::InOneInterval(int64_t first_end_ns, int64_t last_end_ns) const {
  return range().Covers(first_end_ns, last_end_ns) &&
         IntervalOf(first_end_ns) == IntervalOf(last_end_ns);
}

std::vector<Volume>& VolumeSums::SumsOf(LabelSetId labels) {
  if (places_.size() <= labels) places_.resize(vocabulary_.label_sets().size());
  uint32_t& place = places_[labels];
  if (place == 0) {
    result_.series.push_back({vocabulary_.label_sets()[labels], {}});
    result_.series.back().volumes.resize(result_.intervals);
    place = static_cast<uint32_t>(result_.series.size());
  }
  return result_.series[place - 1].volumes;
}

bool VolumeSums::AddCells(std::string_view cells, LabelSetId labels, int64_t period_ns,
                          int64_t end_ns) {
  Volume sum;
  const bool good = ForEachCell(cells, size_t{UINT32_MAX}, [&](StackId, int64_t weight) {
    overflow_ = overflow_ || __builtin_add_overflow(sum.weight, weight, &sum.weight);
    return true;
  });
  overflow_ = overflow_ || __builtin_mul_overflow(sum.weight, period_ns, &sum.cpu_ns) ||
              __builtin_add_overflow(total_.weight, sum.weight, &total_.weight) ||
              __builtin_add_overflow(total_.cpu_ns, sum.cpu_ns, &total_.cpu_ns);
  if (overflow_ || sum.weight == 0) return good;
  // No single sum can overflow: it is part of the total.
  Volume& volume = SumsOf(labels)[IntervalOf(end_ns)];
  volume.weight += sum.weight;
  volume.cpu_ns += sum.cpu_ns;
  result_.knows_cpu = result_.knows_cpu && period_ns > 0;
  return good;
}

Result<VolumeResult> VolumeSums::Take() {
  if (overflow_) {
    return Status(StatusCode::kResourceExhausted,
                  "the sums over the range pass 2^63; ask for a shorter range");
  }
  std::sort(result_.series.begin(), result_.series.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  return std::move(result_);
}

}  // namespace stacksampler::store
