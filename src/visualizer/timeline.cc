// SPDX-License-Identifier: MIT
#include "visualizer/timeline.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "base/json_writer.h"
#include "base/time_phrase.h"
#include "profile/select.h"
#include "visualizer/columns_json.h"
#include "visualizer/stack_edit.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kStepsInSeconds[] = {
    1,      2,      5,       10,        15,         30,          60,           120,
    300,    600,    900,     1800,      3600,       7200,        10'800,       21'600,
    43'200, 86'400, 604'800, 2'592'000, 31'536'000, 315'360'000, 3'153'600'000};

int64_t StepAtLeast(int64_t ns) {
  const auto fits = [ns](int64_t seconds) { return seconds * kSecondNs >= ns; };
  const auto* step = std::find_if(std::begin(kStepsInSeconds), std::end(kStepsInSeconds), fits);
  return (step == std::end(kStepsInSeconds) ? *std::prev(step) : *step) * kSecondNs;
}

bool HasWeight(const store::VolumeResult& volumes, size_t interval) {
  return std::any_of(volumes.series.begin(), volumes.series.end(), [interval](const auto& series) {
    return series.volumes[interval].weight != 0;
  });
}

/// Half of all intervals with weight are followed by the next one within so many; 1 without any.
int64_t UsualDistance(const store::VolumeResult& volumes) {
  std::vector<int64_t> distances;
  int64_t last = -1;
  for (size_t i = 0; i < volumes.intervals; ++i) {
    if (!HasWeight(volumes, i)) continue;
    const auto here = static_cast<int64_t>(i);
    if (last >= 0) distances.push_back(here - last);
    last = here;
  }
  if (distances.empty()) return 1;
  const auto middle = distances.begin() + static_cast<ptrdiff_t>((distances.size() - 1) / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

std::string GroupOf(const Labels& labels, const std::string& by) {
  if (by.empty()) return kRootName;
  const std::string value = LabelValue(labels, by);
  return value.empty() ? "[no " + by + "]" : value;
}

void AddTo(std::vector<int64_t>* sums, const std::vector<int64_t>& values) {
  std::transform(sums->begin(), sums->end(), values.begin(), sums->begin(), std::plus<>());
}

bool LeavesStacksOut(const std::string& text) {
  StackEdit edit;
  ParseEdit(text, &edit);
  return !edit.focus.empty() || !edit.drop.empty();
}

using SeriesByLabels = std::map<Labels, std::vector<store::Volume>>;

void AddSamples(const Profile& profile, size_t interval, size_t intervals, SeriesByLabels* series) {
  for (const Sample& sample : profile.samples()) {
    auto& volumes = (*series)[profile.label_sets()[sample.labels]];
    volumes.resize(intervals);
    volumes[interval].weight += sample.weight;
    volumes[interval].cpu_ns += sample.cpu_ns;
  }
}

/// `volumes` with what the edit leaves of each interval.
store::VolumeResult WithSamplesOf(const std::vector<store::QueryResult>& parts,
                                  const std::string& edit, store::VolumeResult volumes) {
  SeriesByLabels series;
  for (size_t i = 0; i < parts.size(); ++i) {
    EditedProfile edited;
    AddSamples(Edited(parts[i].profile, edit, &edited), i, volumes.intervals, &series);
  }
  volumes.series.clear();
  for (auto& [labels, row] : series) volumes.series.push_back({labels, std::move(row)});
  return volumes;
}

void WriteValues(const std::vector<int64_t>& values, JsonWriter* json) {
  json->BeginArray();
  for (const int64_t value : values) json->Int(value);
  json->EndArray();
}

}  // namespace

int64_t StepFor(int64_t range_ns, int64_t intervals) {
  return StepAtLeast(range_ns / intervals + (range_ns % intervals != 0 ? 1 : 0));
}

Result<std::shared_ptr<const store::VolumeResult>> ReadVolumes(MergedStore* store,
                                                               const TimelineQuery& query,
                                                               int64_t* step_ns) {
  const int64_t from_ns = query.tree.range.from.ns;
  const int64_t until_ns = query.tree.range.until.ns;
  int64_t range_ns = 0;
  if (__builtin_sub_overflow(until_ns, from_ns, &range_ns)) range_ns = INT64_MAX;
  *step_ns = StepFor(range_ns, query.intervals);
  const auto read = [&] {
    return store->Volumes({from_ns, until_ns, query.tree.filters, *step_ns});
  };
  auto volumes = read();
  if (!volumes.ok()) return volumes;
  const int64_t distance = UsualDistance(**volumes);
  if (distance == 1) return volumes;
  *step_ns = StepAtLeast(distance * *step_ns);
  return read();
}

std::vector<store::Query> IntervalQueries(const TreeQuery& query,
                                          const store::VolumeResult& volumes, int64_t step_ns) {
  store::Query part = StoreQuery(query);
  const int64_t until_ns = part.until_ns;
  std::vector<store::Query> parts;
  for (size_t i = 1; i <= volumes.intervals; ++i) {
    const bool is_last = i == volumes.intervals;
    part.until_ns = is_last ? until_ns : volumes.first_begin_ns + static_cast<int64_t>(i) * step_ns;
    parts.push_back(part);
    part.from_ns = part.until_ns + 1;
  }
  return parts;
}

Result<std::shared_ptr<const store::VolumeResult>> ReadTimeline(MergedStore* store,
                                                                TimelineQuery query,
                                                                int64_t* step_ns) {
  const bool edited = LeavesStacksOut(query.tree.edit);
  if (edited) query.intervals = std::min(query.intervals, kMostShareIntervals);
  auto volumes = ReadVolumes(store, query, step_ns);
  if (!volumes.ok() || !edited) return volumes;
  const auto parts = store->MergeParts(IntervalQueries(query.tree, **volumes, *step_ns));
  if (!parts.ok()) return parts.status();
  return std::make_shared<const store::VolumeResult>(
      WithSamplesOf(**parts, query.tree.edit, **volumes));
}

TimelineGroups GroupVolumes(const store::VolumeResult& volumes, const std::string& by) {
  std::map<std::string, std::vector<store::Volume>> sums;
  for (const store::SeriesVolume& series : volumes.series) {
    auto& group = sums[GroupOf(series.labels, by)];
    group.resize(volumes.intervals);
    for (size_t i = 0; i < volumes.intervals; ++i) {
      group[i].weight += series.volumes[i].weight;
      group[i].cpu_ns += series.volumes[i].cpu_ns;
    }
  }
  std::vector<std::pair<int64_t, std::string>> heaviest;
  std::map<std::string, std::vector<int64_t>> values;
  for (const auto& [name, group] : sums) {
    auto& row = values[name];
    for (const store::Volume& volume : group) {
      row.push_back(volumes.knows_cpu ? RoundedMicroseconds(volume.cpu_ns) : volume.weight);
    }
    heaviest.emplace_back(-std::accumulate(row.begin(), row.end(), int64_t{0}), name);
  }
  std::sort(heaviest.begin(), heaviest.end());
  TimelineGroups groups;
  groups.rest_values.resize(volumes.intervals);
  for (size_t i = kMostTimelineGroups; i < heaviest.size(); ++i) {
    const auto row = values.extract(heaviest[i].second);
    AddTo(&groups.rest_values, row.mapped());
    ++groups.rest;
  }
  for (auto& [name, row] : values) {
    groups.names.push_back(name);
    groups.values.push_back(std::move(row));
  }
  return groups;
}

std::string TimelineJson(const TimelineQuery& query, const store::VolumeResult& volumes,
                         int64_t step_ns) {
  const TimelineGroups groups = GroupVolumes(volumes, query.tree.by);
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(volumes.knows_cpu ? TreeUnit::kCpuMicroseconds : TreeUnit::kSamples, &json);
  json.Key("begin").String(FormatTime(volumes.first_begin_ns));
  json.Key("step_seconds").Int(step_ns / kSecondNs);
  json.Key("intervals").Uint(volumes.intervals);
  WriteStrings("groups", groups.names, &json);
  json.Key("values").BeginArray();
  for (const auto& row : groups.values) WriteValues(row, &json);
  json.EndArray().Key("rest").BeginObject();
  json.Key("groups").Uint(groups.rest).Key("values");
  WriteValues(groups.rest_values, &json);
  json.EndObject();
  WriteStrings("warnings", volumes.warnings, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
