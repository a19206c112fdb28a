// SPDX-License-Identifier: MIT
#include "visualizer/heat.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/json_writer.h"
#include "base/time_phrase.h"
#include "profile/select.h"
#include "visualizer/columns_json.h"
#include "visualizer/share.h"
#include "visualizer/stack_edit.h"
#include "visualizer/timeline.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMillisecondNs = 1'000'000;
/// Each is a whole part of a second, and of buckets that are such parts one is a multiple.
constexpr int64_t kRowsMs[] = {20, 25, 40, 50, 100, 125, 200, 250, 500, 1000};

// Rows of unlike numbers of buckets would be stripes in every second. Of a bucket that is no whole
// part of a second, which somebody else's writer may have kept, each row has at least one.
int64_t RowFor(int64_t bucket_ns) {
  const auto* const end = std::end(kRowsMs);
  const auto* row = std::find_if(std::begin(kRowsMs), end, [&](int64_t ms) {
    return bucket_ns == 0 || ms * kMillisecondNs % bucket_ns == 0;
  });
  const auto is_long = [&](int64_t ms) { return ms * kMillisecondNs >= bucket_ns; };
  if (row == end) row = std::find_if(std::begin(kRowsMs), end, is_long);
  return (row == end ? *std::prev(row) : *row) * kMillisecondNs;
}

int64_t Floor(int64_t ns, int64_t step_ns) { return ns - ns % step_ns; }

/// Moments from 1970 on, as sample times are asked for.
store::SampleTimesQuery TimesOf(const TreeQuery& query) {
  store::SampleTimesQuery asked;
  asked.from_ns = std::clamp<int64_t>(query.range.from.ns, 0, INT64_MAX - 1);
  asked.until_ns = std::clamp<int64_t>(query.range.until.ns, asked.from_ns, INT64_MAX - 1) + 1;
  asked.matches = query.filters;
  asked.keep_labels = true;
  return asked;
}

void LayOut(const store::SampleTimesQuery& asked, int64_t columns, Heat* heat) {
  heat->step_ns = StepFor(asked.until_ns - asked.from_ns, columns - 1);  // an end may cut one more
  heat->begin_ns = Floor(asked.from_ns, heat->step_ns);
  heat->columns = static_cast<size_t>((asked.until_ns - 1 - heat->begin_ns) / heat->step_ns) + 1;
  heat->row_ns = RowFor(heat->bucket_ns);
  heat->rows = static_cast<size_t>(kSecondNs / heat->row_ns);
  heat->cells.resize(heat->columns * heat->rows);
}

size_t CellOf(const Heat& heat, int64_t time_ns) {
  const auto column = static_cast<size_t>((time_ns - heat.begin_ns) / heat.step_ns);
  return column * heat.rows + static_cast<size_t>(time_ns % kSecondNs / heat.row_ns);
}

std::string TargetOf(const Labels& labels) {
  const std::string port = LabelValue(labels, "port");
  return LabelValue(labels, "host") + (port.empty() ? "" : ":" + port);
}

/// What of a profile counts: the stacks through a function, or all, in ns or samples.
class Weigher {
 public:
  Weigher(const Profile& profile, const HeatQuery& query, TreeUnit unit)
      : profile_(profile), in_samples_(unit == TreeUnit::kSamples) {
    if (!query.function.empty()) through_ = StacksThrough(profile, query.function);
  }

  /// `Each`: a Sample or a TimedSample.
  template <typename Each>
  int64_t operator()(const Each& each) const {
    if (!through_.empty() && !through_[each.stack]) return 0;
    return in_samples_ ? each.weight : each.cpu_ns;
  }

  std::map<std::string, int64_t> ByTarget() const {
    std::map<std::string, int64_t> sums;
    for (const Sample& sample : profile_.samples()) {
      sums[TargetOf(profile_.label_sets()[sample.labels])] += (*this)(sample);
    }
    return sums;
  }

 private:
  const Profile& profile_;
  bool in_samples_;
  std::vector<bool> through_;
};

int64_t InUnit(int64_t value, TreeUnit unit) {
  return unit == TreeUnit::kSamples ? value : RoundedMicroseconds(value);
}

/// Each by what the sum up to it rounds to: the cells are the sum's microseconds, not one more.
void RoundCells(Heat* heat) {
  int64_t sum = 0;
  for (int64_t& cell : heat->cells) {
    sum += cell;
    cell = InUnit(sum, heat->unit) - heat->timed;
    heat->timed += cell;
  }
}

std::set<std::string> TargetsOf(const Profile& profile) {
  std::set<std::string> targets;
  for (const Labels& labels : profile.label_sets()) targets.insert(TargetOf(labels));
  return targets;
}

/// `timed`: targets that have times, whatever the edit or the function leaves of them.
void SplitTotal(const std::map<std::string, int64_t>& sums, const std::set<std::string>& timed,
                Heat* heat) {
  int64_t total = 0;
  int64_t untimed = 0;
  for (const auto& [target, sum] : sums) {
    total += sum;
    if (sum == 0 || timed.count(target) != 0) continue;
    untimed += sum;
    if (heat->untimed_targets.size() < kMostUntimedTargets) {
      heat->untimed_targets.push_back(target);
    } else {
      ++heat->more_untimed;
    }
  }
  heat->total = InUnit(total, heat->unit);
  heat->untimed = InUnit(untimed, heat->unit);
  heat->across = heat->total - heat->untimed - heat->timed;
}

TreeUnit CommonUnit(const Profile& windows, const Profile& times) {
  const bool in_samples =
      UnitOf(windows) == TreeUnit::kSamples || UnitOf(times) == TreeUnit::kSamples;
  return in_samples ? TreeUnit::kSamples : TreeUnit::kCpuMicroseconds;
}

void FillCells(const Profile& times, const HeatQuery& query, Heat* heat) {
  EditedProfile edited;
  const Profile& seen = Edited(times, query.tree.edit, &edited);
  const Weigher weigh(seen, query, heat->unit);
  for (const TimedSample& timed : seen.timeline()) {
    heat->cells[CellOf(*heat, timed.time_ns)] += weigh(timed);
  }
  RoundCells(heat);
}

}  // namespace

Result<Heat> ReadHeat(MergedStore* store, const HeatQuery& query) {
  const store::SampleTimesQuery asked = TimesOf(query.tree);
  const auto times = store->SampleTimes(asked);
  if (!times.ok()) return times.status();
  store::Query labelled = StoreQuery(query.tree);
  labelled.keep_labels = true;
  const auto windows = store->Merge(labelled);
  if (!windows.ok()) return windows.status();
  Heat heat;
  heat.unit = CommonUnit((*windows)->profile, (*times)->profile);
  heat.bucket_ns = (*times)->bucket_ns;
  heat.warnings = (*times)->warnings;
  LayOut(asked, query.columns, &heat);
  FillCells((*times)->profile, query, &heat);
  EditedProfile edited;
  const Profile& seen = Edited((*windows)->profile, query.tree.edit, &edited);
  SplitTotal(Weigher(seen, query, heat.unit).ByTarget(), TargetsOf((*times)->profile), &heat);
  return heat;
}

std::string HeatJson(const HeatQuery& query, const Heat& heat) {
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(heat.unit, &json);
  json.Key("fn").String(query.function);
  json.Key("begin").String(FormatTime(heat.begin_ns));
  json.Key("step_seconds").Int(heat.step_ns / kSecondNs);
  json.Key("columns").Uint(heat.columns);
  json.Key("rows").Uint(heat.rows);
  json.Key("row_ms").Int(heat.row_ns / kMillisecondNs);
  json.Key("bucket_us").Int(heat.bucket_ns / 1000);
  WriteColumn(
      "cells", heat.cells, [](int64_t cell) { return cell; }, &json);
  json.Key("timed").Int(heat.timed).Key("total").Int(heat.total);
  json.Key("across").Int(heat.across).Key("untimed").BeginObject();
  json.Key("total").Int(heat.untimed);
  WriteStrings("targets", heat.untimed_targets, &json);
  json.Key("more").Uint(heat.more_untimed).EndObject();
  WriteStrings("warnings", heat.warnings, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
