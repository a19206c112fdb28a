// SPDX-License-Identifier: MIT
#include "visualizer/columns_json.h"

#include <utility>

#include "base/time_phrase.h"

namespace stacksampler::visualizer {
namespace {

constexpr uint32_t kUnused = UINT32_MAX;

void WriteMoment(const char* key, const Moment& moment, const TimeZone& zone, JsonWriter* json) {
  json->Key(key).BeginObject();
  json->Key("text").String(moment.text);
  json->Key("time").String(FormatTime(moment.ns, zone));
  json->Key("ns").String(std::to_string(moment.ns));
  json->Key("relative").Bool(moment.relative);
  json->EndObject();
}

}  // namespace

UsedTexts::UsedTexts(const std::vector<std::string>& all)
    : all_(all), place_(all.size(), kUnused) {}

uint32_t UsedTexts::Use(uint32_t id) {
  if (place_[id] == kUnused) place_[id] = Add(all_[id]);
  return place_[id];
}

uint32_t UsedTexts::Add(std::string_view text) {
  used_.push_back(text);
  return static_cast<uint32_t>(used_.size() - 1);
}

void WriteRange(const Range& range, JsonWriter* json, const char* key) {
  json->Key(key).BeginObject();
  json->Key("tz").String(range.zone.name());
  WriteMoment("from", range.from, range.zone, json);
  WriteMoment("until", range.until, range.zone, json);
  json->EndObject();
}

void WriteExtent(const store::Extent& stored, JsonWriter* json) {
  json->Key("stored").BeginObject().Key("empty").Bool(stored.empty);
  if (!stored.empty) {
    json->Key("first").String(FormatTime(stored.first_ns));
    json->Key("last").String(FormatTime(stored.last_ns));
  }
  if (!stored.warnings.empty()) WriteStrings("warnings", stored.warnings, json);
  json->EndObject();
}

void WriteUnit(TreeUnit unit, JsonWriter* json) {
  json->Key("unit").String(unit == TreeUnit::kSamples ? "samples" : "microseconds");
}

void WritePath(std::vector<std::string> path, size_t matched, JsonWriter* json) {
  json->Key("root_complete").Bool(matched == path.size());
  path.resize(matched);
  WriteStrings("root", path, json);
}

uint32_t WriteRoot(const CallTree& tree, std::vector<std::string> path, JsonWriter* json) {
  const PathMatch match = FindPath(tree, path);
  WritePath(std::move(path), match.matched, json);
  return match.node;
}

int64_t LeastTotal(int64_t root_total, int width) {
  const int64_t places = int64_t{width} * kNodesPerPixel;
  return root_total / places + (root_total % places != 0 || root_total == 0 ? 1 : 0);
}

void WriteNodes(const TreeTexts& texts, const std::vector<CallNode>& nodes, bool is_whole_tree,
                JsonWriter* json, const std::function<void(JsonWriter*)>& more) {
  UsedTexts names(texts.names);
  UsedTexts modules(texts.modules);
  std::vector<uint32_t> name_of;
  std::vector<uint32_t> module_of;
  if (is_whole_tree) name_of.push_back(names.Add(kRootName));
  name_of.reserve(nodes.size());
  for (size_t i = name_of.size(); i < nodes.size(); ++i)
    name_of.push_back(names.Use(nodes[i].name));
  modules.Use(0);
  module_of.reserve(nodes.size());
  for (const CallNode& node : nodes) module_of.push_back(modules.Use(node.module));
  WriteStrings("names", names.used(), json);
  WriteStrings("modules", modules.used(), json);
  json->Key("nodes").BeginObject();
  WriteColumn("name", name_of, std::identity(), json);
  WriteColumn("module", module_of, std::identity(), json);
  WriteColumn("depth", nodes, std::mem_fn(&CallNode::depth), json);
  WriteColumn("total", nodes, std::mem_fn(&CallNode::total), json);
  WriteColumn("self", nodes, std::mem_fn(&CallNode::self), json);
  WriteColumn("hidden", nodes, std::mem_fn(&CallNode::hidden), json);
  WriteColumn("inlined", nodes, std::mem_fn(&CallNode::inlined), json);
  if (more) more(json);
  json->EndObject();
}

}  // namespace stacksampler::visualizer
