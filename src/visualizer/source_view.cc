// SPDX-License-Identifier: MIT
#include "visualizer/source_view.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/json_writer.h"
#include "profile/call_tree.h"
#include "visualizer/columns_json.h"

namespace stacksampler::visualizer {
namespace {

int64_t Rounded(int64_t value, TreeUnit unit) {
  return unit == TreeUnit::kSamples ? value : RoundedMicroseconds(value);
}

int64_t CostOf(const Sample& sample, TreeUnit unit) {
  return unit == TreeUnit::kSamples ? sample.weight : sample.cpu_ns;
}

/// Calls `visit` with each frame of a sample, leaf first.
template <typename Visit>
void ForEachFrame(const Profile& profile, StackId stack, Visit visit) {
  for (; stack != 0; stack = profile.stacks()[stack].parent) {
    visit(profile.frames()[profile.stacks()[stack].frame]);
  }
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

using Costs = std::map<uint32_t, LineCost>;

void WriteCosts(const Costs& costs, TreeUnit unit, JsonWriter* json) {
  json->Key("costs").BeginObject();
  WriteColumn(
      "line", costs, [](const auto& cost) { return cost.first; }, json);
  WriteColumn(
      "self", costs, [&](const auto& cost) { return Rounded(cost.second.self, unit); }, json);
  WriteColumn(
      "total", costs, [&](const auto& cost) { return Rounded(cost.second.total, unit); }, json);
  json->Key("names").BeginArray();
  for (const auto& [line, cost] : costs) {
    json->BeginArray();
    for (const std::string& name : cost.names) json->String(name);
    json->EndArray();
  }
  json->EndArray().EndObject();
}

/// The file asked for where the function has it, else its first.
std::string ChosenFile(const std::vector<std::string>& files, const std::string& wanted) {
  if (std::find(files.begin(), files.end(), wanted) != files.end()) return wanted;
  return files.empty() ? "" : files.front();
}

Result<std::string> TextOf(const std::string& file, const SourceFiles& files) {
  const auto code = StatusCode::kNotFound;
  if (file.empty()) return Status(code, "the profile does not know the function's file");
  if (files.empty()) return Status(code, "the visualizer was started without --source-root");
  return files.Read(file);
}

}  // namespace

std::vector<std::string> FilesOf(const Profile& profile, const std::string& function) {
  std::map<StringId, int64_t> costs;
  const TreeUnit unit = UnitOf(profile);
  for (const Sample& sample : profile.samples()) {
    ForEachFrame(profile, sample.stack, [&](const Frame& frame) {
      if (frame.file != 0 && profile.String(frame.name) == function) {
        costs[frame.file] += CostOf(sample, unit);
      }
    });
  }
  std::vector<std::pair<int64_t, StringId>> order;
  order.reserve(costs.size());
  for (const auto& [file, cost] : costs) order.emplace_back(-cost, file);
  std::sort(order.begin(), order.end());
  std::vector<std::string> files;
  files.reserve(order.size());
  for (const auto& [cost, file] : order) files.push_back(profile.String(file));
  return files;
}

std::map<uint32_t, LineCost> CostByLine(const Profile& profile, const std::string& file) {
  Costs costs;
  const TreeUnit unit = UnitOf(profile);
  for (const Sample& sample : profile.samples()) {
    const int64_t cost = CostOf(sample, unit);
    std::set<uint32_t> met;
    bool leaf = true;
    ForEachFrame(profile, sample.stack, [&](const Frame& frame) {
      const bool is_leaf = std::exchange(leaf, false);
      if (frame.file == 0 || profile.String(frame.file) != file) return;
      LineCost& line = costs[frame.line];
      line.names.insert(profile.String(frame.name));
      if (is_leaf) line.self += cost;
      if (met.insert(frame.line).second) line.total += cost;
    });
  }
  return costs;
}

std::string SourceJson(const Profile& profile, const SourceQuery& query,
                       const SourceFiles& sources) {
  const std::vector<std::string> files = FilesOf(profile, query.function);
  const std::string file = ChosenFile(files, query.file);
  const auto text = TextOf(file, sources);
  const TreeUnit unit = UnitOf(profile);
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(unit, &json);
  json.Key("fn").String(query.function).Key("file").String(file);
  WriteStrings("files", files, &json);
  json.Key("total").Int(
      Rounded(unit == TreeUnit::kSamples ? profile.TotalWeight() : profile.TotalCpuNs(), unit));
  json.Key("found").Bool(text.ok());
  json.Key("reason").String(text.ok() ? "" : text.status().message());
  WriteStrings("lines", text.ok() ? LinesOf(*text) : std::vector<std::string>(), &json);
  WriteCosts(file.empty() ? Costs() : CostByLine(profile, file), unit, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
