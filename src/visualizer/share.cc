// SPDX-License-Identifier: MIT
#include "visualizer/share.h"

#include "base/json_writer.h"
#include "base/time_phrase.h"
#include "visualizer/columns_json.h"
#include "visualizer/stack_edit.h"
#include "visualizer/timeline.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

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
  const std::vector<bool> through = StacksThrough(profile, function);
  Interval interval;
  for (const Sample& sample : profile.samples()) {
    Add(sample, &interval.all);
    if (through[sample.stack]) Add(sample, &interval.function);
  }
  return interval;
}

Result<Intervals> ReadIntervals(MergedStore* store, const ShareQuery& query,
                                const store::VolumeResult& volumes, int64_t step_ns) {
  TreeQuery ungrouped = query.tree;
  ungrouped.by.clear();
  const auto parts = store->MergeParts(IntervalQueries(ungrouped, volumes, step_ns));
  if (!parts.ok()) return parts.status();
  Intervals intervals;
  for (const store::QueryResult& part : **parts) {
    EditedProfile edited;
    const Profile& profile = Edited(part.profile, query.tree.edit, &edited);
    intervals.knows_cpu = intervals.knows_cpu && UnitOf(part.profile) == TreeUnit::kCpuMicroseconds;
    intervals.list.push_back(CostOf(profile, query.function));
  }
  return intervals;
}

void WriteCosts(const char* key, const Intervals& intervals, Cost Interval::*which,
                JsonWriter* json) {
  WriteColumn(
      key, intervals.list,
      [&](const Interval& interval) {
        const Cost& cost = interval.*which;
        return intervals.knows_cpu ? RoundedMicroseconds(cost.cpu_ns) : cost.weight;
      },
      json);
}

}  // namespace

std::vector<bool> StacksThrough(const Profile& profile, const std::string& function) {
  std::vector<bool> through(profile.stacks().size());
  for (size_t i = 1; i < through.size(); ++i) {
    const auto& [parent, frame] = profile.stacks()[i];
    through[i] = through[parent] || profile.FrameName(frame) == function;
  }
  return through;
}

Result<std::string> ShareJson(MergedStore* store, const ShareQuery& query) {
  int64_t step_ns = 0;
  const auto volumes = ReadVolumes(store, {query.tree, query.intervals}, &step_ns);
  if (!volumes.ok()) return volumes.status();
  const auto intervals = ReadIntervals(store, query, **volumes, step_ns);
  if (!intervals.ok()) return intervals.status();
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(intervals->knows_cpu ? TreeUnit::kCpuMicroseconds : TreeUnit::kSamples, &json);
  json.Key("fn").String(query.function);
  json.Key("begin").String(FormatTime((*volumes)->first_begin_ns));
  json.Key("step_seconds").Int(step_ns / kSecondNs);
  WriteCosts("total", *intervals, &Interval::all, &json);
  WriteCosts("function", *intervals, &Interval::function, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
