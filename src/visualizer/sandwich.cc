// SPDX-License-Identifier: MIT
#include "visualizer/sandwich.h"

#include <algorithm>

#include "base/json_writer.h"
#include "profile/tree_builder.h"
#include "visualizer/columns_json.h"

namespace stacksampler::visualizer {
namespace {

/// The nodes of that name that have none of it above them.
std::vector<uint32_t> OutermostCalls(const CallTree& tree, uint32_t name) {
  std::vector<uint32_t> calls;
  for (uint32_t i = 1; i < tree.nodes.size();) {
    const bool is_call = tree.nodes[i].name == name;
    if (is_call) calls.push_back(i);
    i = is_call ? tree.nodes[i].end : i + 1;
  }
  return calls;
}

void AddCallers(const CallTree& tree, uint32_t call, TreeBuilder* callers) {
  uint32_t place = 0;
  for (uint32_t i = tree.nodes[call].parent; i != 0; i = tree.nodes[i].parent) {
    place = callers->FindOrAdd(place, tree.nodes[i]);
  }
  callers->Self(place) += tree.nodes[call].total;
}

void AddCallees(const CallTree& tree, uint32_t call, TreeBuilder* callees) {
  const uint32_t depth = tree.nodes[call].depth;
  std::vector<uint32_t> places = {0};  // by depth below the call
  callees->Self(0) += tree.nodes[call].self;
  for (uint32_t i = call + 1; i < tree.nodes[call].end; ++i) {
    const CallNode& node = tree.nodes[i];
    places.resize(node.depth - depth);
    places.push_back(callees->FindOrAdd(places.back(), node));
    callees->Self(places.back()) += node.self;
  }
}

void WriteHalf(const char* key, const CallTree& tree, const std::vector<CallNode>& nodes, int width,
               JsonWriter* json) {
  json->Key(key).BeginObject();
  WriteNodes(tree, Prune(nodes, 0, LeastTotal(nodes.front().total, width)), false, json);
  json->EndObject();
}

}  // namespace

std::optional<Sandwich> BuildSandwich(const CallTree& tree, const std::string& function,
                                      SiblingOrder order) {
  const auto name = std::find(tree.names.begin() + 1, tree.names.end(), function);
  const auto calls = OutermostCalls(tree, static_cast<uint32_t>(name - tree.names.begin()));
  if (calls.empty()) return {};
  TreeBuilder callers(calls.size(), tree.nodes[calls.front()]);
  TreeBuilder callees(calls.size(), tree.nodes[calls.front()]);
  for (const uint32_t call : calls) {
    AddCallers(tree, call, &callers);
    AddCallees(tree, call, &callees);
  }
  return Sandwich{callers.Finish(tree.names, order), callees.Finish(tree.names, order)};
}

std::string SandwichJson(const CallTree& tree, const SandwichQuery& query) {
  const auto sandwich = BuildSandwich(tree, query.function, query.order);
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(tree.unit, &json);
  json.Key("total").Int(tree.nodes.front().total);
  json.Key("fn").String(query.function).Key("found").Bool(sandwich.has_value());
  if (sandwich) {
    WriteHalf("callers", tree, sandwich->callers, query.width, &json);
    WriteHalf("callees", tree, sandwich->callees, query.width, &json);
  }
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
