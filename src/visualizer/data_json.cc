// SPDX-License-Identifier: MIT
#include "visualizer/data_json.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"

namespace stacksampler::visualizer {
namespace {

constexpr double kMostTotal = 9.0e18;  // below 2^63, so that the cast is sound

/// Smallest whole number greater than `fraction` of `total`.
int64_t LeastAbove(double fraction, int64_t total) {
  const double bound = std::floor(fraction * static_cast<double>(total));
  return static_cast<int64_t>(std::min(bound, kMostTotal)) + 1;
}

// Each once: a name is in some twenty places of a tree.
std::vector<std::string> AsJson(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  texts.reserve(names.size());
  JsonWriter json;
  for (const std::string& name : names) texts.push_back(json.String(name).Take());
  return texts;
}

void CloseNodes(size_t count, JsonWriter* json) {
  for (; count > 0; --count) json->EndArray().EndObject();
}

}  // namespace

std::vector<CallNode> DataNodes(const StackTree& tree, double threshold) {
  return tree.Subtree(tree.Find({}), SiblingOrder::kByName, LeastAbove(threshold, tree.total()));
}

std::string DataJson(const StackTree& tree, const std::vector<CallNode>& nodes,
                     const std::vector<std::string>& warnings) {
  const std::vector<std::string> names = AsJson(tree.texts().names);
  JsonWriter json;
  size_t open = 0;  // nodes whose children are being written
  for (size_t i = 0; i < nodes.size(); ++i) {
    const CallNode& node = nodes[i];
    CloseNodes(open - node.depth, &json);
    open = node.depth;
    json.BeginObject().Key("name").Value(i == 0 ? "\"root\"" : names[node.name]);
    json.Key("value").Int(node.total);
    if (i == 0 && !warnings.empty()) {
      json.Key("warnings").BeginArray();
      for (const std::string& warning : warnings) json.String(warning);
      json.EndArray();
    }
    if (node.end == i + 1) {
      json.EndObject();
    } else {
      json.Key("children").BeginArray();
      ++open;
    }
  }
  CloseNodes(open, &json);
  return json.Take();
}

}  // namespace stacksampler::visualizer
