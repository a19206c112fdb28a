// SPDX-License-Identifier: MIT
#include "visualizer/share.h"

#include <algorithm>
#include <vector>

#include "base/json_writer.h"
#include "base/time_phrase.h"
#include "visualizer/columns_json.h"
#include "visualizer/stack_edit.h"
#include "visualizer/timeline.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kNsPerMicrosecond = 1000;

struct Cost {
  int64_t weight = 0;
  int64_t cpu_ns = 0;
};

struct Interval {
  Cost all;
  Cost function;
};

struct Intervals {
  std::vector<Interval> list;
  bool knows_cpu = true;
};

void Add(const Sample& sample, Cost* cost) {
  cost->weight += sample.weight;
  cost->cpu_ns += sample.cpu_ns;
}

Interval CostOf(const Profile& profile, const std::string& function) {
  std::vector<bool> through(profile.stacks().size());
  for (size_t i = 1; i < through.size(); ++i) {
    const auto& [parent, frame] = profile.stacks()[i];
    through[i] = through[parent] || profile.FrameName(frame) == function;
  }
  Interval interval;
  for (const Sample& sample : profile.samples()) {
    Add(sample, &interval.all);
    if (through[sample.stack]) Add(sample, &interval.function);
  }
  return interval;
}

/// A window that ends on a boundary is the earlier interval's, as in Volumes().
store::Query QueryOf(const ShareQuery& query, int64_t begin_ns, int64_t step_ns) {
  store::Query stored = StoreQuery(query.tree);
  stored.from_ns = std::max(stored.from_ns, begin_ns + 1);
  stored.until_ns = std::min(stored.until_ns, begin_ns + step_ns);
  stored.keep_labels = false;
  return stored;
}

Result<Intervals> ReadIntervals(store::StoreReader* reader, const ShareQuery& query,
                                const store::VolumeResult& volumes, int64_t step_ns) {
  Intervals intervals;
  for (size_t i = 0; i < volumes.intervals; ++i) {
    const int64_t begin_ns = volumes.first_begin_ns + static_cast<int64_t>(i) * step_ns;
    store::Query stored = QueryOf(query, begin_ns, step_ns);
    if (i == 0) stored.from_ns = query.tree.range.from.ns;
    auto part = reader->Merge(stored);
    if (!part.ok()) return part.status();
    EditProfile(query.tree.edit, &part->profile);
    intervals.knows_cpu =
        intervals.knows_cpu && UnitOf(part->profile) == TreeUnit::kCpuMicroseconds;
    intervals.list.push_back(CostOf(part->profile, query.function));
  }
  return intervals;
}

void WriteCosts(const char* key, const Intervals& intervals, Cost Interval::*which,
                JsonWriter* json) {
  WriteColumn(
      key, intervals.list,
      [&](const Interval& interval) {
        const Cost& cost = interval.*which;
        return intervals.knows_cpu ? (cost.cpu_ns + kNsPerMicrosecond / 2) / kNsPerMicrosecond
                                   : cost.weight;
      },
      json);
}

}  // namespace

Result<std::string> ShareJson(store::StoreReader* reader, const ShareQuery& query) {
  int64_t step_ns = 0;
  const auto volumes = ReadTimeline(reader, {query.tree, query.intervals}, &step_ns);
  if (!volumes.ok()) return volumes.status();
  const auto intervals = ReadIntervals(reader, query, *volumes, step_ns);
  if (!intervals.ok()) return intervals.status();
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(intervals->knows_cpu ? TreeUnit::kCpuMicroseconds : TreeUnit::kSamples, &json);
  json.Key("fn").String(query.function);
  json.Key("begin").String(FormatTime(volumes->first_begin_ns));
  json.Key("step_seconds").Int(step_ns / kSecondNs);
  WriteCosts("total", *intervals, &Interval::all, &json);
  WriteCosts("function", *intervals, &Interval::function, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
