// SPDX-License-Identifier: MIT
#include "visualizer/flame_json.h"

#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "base/json_writer.h"
#include "base/time_phrase.h"

namespace stacksampler::visualizer {
namespace {

constexpr uint32_t kUnused = UINT32_MAX;
constexpr const char* kRootName = "all";

template <typename Texts>
void WriteStrings(const char* key, const Texts& texts, JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const auto& text : texts) json->String(text);
  json->EndArray();
}

/// Those texts of a big dictionary that an answer needs, numbered in order of first use.
class UsedTexts {
 public:
  explicit UsedTexts(const std::vector<std::string>& all)
      : all_(all), place_(all.size(), kUnused) {}

  uint32_t Use(uint32_t id) {
    if (place_[id] == kUnused) place_[id] = Add(all_[id]);
    return place_[id];
  }
  uint32_t Add(std::string_view text) {
    used_.push_back(text);
    return static_cast<uint32_t>(used_.size() - 1);
  }
  [[nodiscard]] const std::vector<std::string_view>& used() const { return used_; }

 private:
  const std::vector<std::string>& all_;
  std::vector<uint32_t> place_;
  std::vector<std::string_view> used_;
};

void WriteMoment(const char* key, const Moment& moment, JsonWriter* json) {
  json->Key(key).BeginObject();
  json->Key("text").String(moment.text);
  json->Key("time").String(FormatTime(moment.ns));
  json->Key("ns").String(std::to_string(moment.ns));
  json->Key("relative").Bool(moment.relative);
  json->EndObject();
}

void WriteExtent(const store::Extent& stored, JsonWriter* json) {
  json->Key("stored").BeginObject().Key("empty").Bool(stored.empty);
  if (!stored.empty) {
    json->Key("first").String(FormatTime(stored.first_ns));
    json->Key("last").String(FormatTime(stored.last_ns));
  }
  json->EndObject();
}

template <typename Item, typename Value>
void WriteColumn(const char* key, const std::vector<Item>& items, Value value, JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const Item& item : items) json->Int(value(item));
  json->EndArray();
}

void WriteNodes(const CallTree& tree, const std::vector<CallNode>& nodes, bool is_whole_tree,
                JsonWriter* json) {
  UsedTexts names(tree.names);
  UsedTexts modules(tree.modules);
  std::vector<uint32_t> name_of;
  std::vector<uint32_t> module_of;
  if (is_whole_tree) name_of.push_back(names.Add(kRootName));
  for (size_t i = name_of.size(); i < nodes.size(); ++i)
    name_of.push_back(names.Use(nodes[i].name));
  modules.Use(0);
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
  json->EndObject();
}

/// Total of the narrowest node that is sent.
int64_t LeastTotal(int64_t root_total, int width) {
  const int64_t places = int64_t{width} * kNodesPerPixel;
  return root_total / places + (root_total % places != 0 || root_total == 0 ? 1 : 0);
}

void WriteTree(const FlameQuery& query, const CallTree& tree, JsonWriter* json) {
  std::vector<std::string> path = query.tree.root;
  const PathMatch match = FindPath(tree, path);
  json->Key("root_complete").Bool(match.matched == path.size());
  path.resize(match.matched);
  WriteStrings("root", path, json);
  const int64_t total = tree.nodes[match.node].total;
  WriteNodes(tree, Prune(tree, match.node, LeastTotal(total, query.width)), path.empty(), json);
}

}  // namespace

std::string FlameJson(const FlameAnswer& answer) {
  const CallTree& tree = *answer.tree;
  JsonWriter json;
  json.BeginObject().Key("range").BeginObject();
  WriteMoment("from", answer.query->tree.range.from, &json);
  WriteMoment("until", answer.query->tree.range.until, &json);
  json.EndObject();
  WriteExtent(answer.stored, &json);
  json.Key("records").Uint(answer.records);
  WriteStrings("warnings", answer.warnings, &json);
  json.Key("unit").String(tree.unit == TreeUnit::kSamples ? "samples" : "microseconds");
  json.Key("total").Int(tree.nodes.front().total);
  WriteTree(*answer.query, tree, &json);
  return json.EndObject().Take();
}

std::string SearchJson(const SearchResult& result) {
  JsonWriter json;
  json.BeginObject().Key("total").Int(result.total).Key("matched").Int(result.matched);
  WriteStrings("names", result.names, &json);
  json.Key("names_truncated").Bool(result.names_truncated);
  return json.EndObject().Take();
}

std::string LabelsJson(const std::vector<Labels>& series) {
  std::map<std::string, std::set<std::string>> values = {
      {"host", {}}, {"port", {}}, {"thread", {}}};
  for (const Labels& labels : series) {
    for (const auto& [key, value] : labels) values[key].insert(value);
  }
  JsonWriter json;
  json.BeginObject().Key("labels").BeginObject();
  for (const auto& [key, distinct] : values) WriteStrings(key.c_str(), distinct, &json);
  return json.EndObject().EndObject().Take();
}

}  // namespace stacksampler::visualizer
