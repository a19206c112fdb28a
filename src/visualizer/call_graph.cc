// SPDX-License-Identifier: MIT
#include "visualizer/call_graph.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>

#include "base/json_writer.h"
#include "stacksampler/keyed_hash.h"
#include "visualizer/columns_json.h"

namespace stacksampler::visualizer {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// The nearest kept function at or above a node, and whether it is the node's own.
struct Above {
  uint32_t place = kNone;
  bool own = false;
};

class EdgeSums {
 public:
  /// `node`, which ends at its subtree's end, is met in preorder.
  void Add(uint32_t from, uint32_t to, bool direct, uint32_t i, const CallNode& node) {
    Sum& sum = sums_[uint64_t{from} << 32 | to];
    sum.edge.from = from;
    sum.edge.to = to;
    sum.edge.direct = sum.edge.direct || direct;
    if (i < sum.counted_until) return;
    sum.edge.weight += node.total;
    sum.counted_until = node.end;
  }
  std::vector<CallEdge> Take(int64_t least) const {
    std::vector<CallEdge> edges;
    for (const auto& [key, sum] : sums_) {
      if (sum.edge.weight >= least) edges.push_back(sum.edge);
    }
    std::sort(edges.begin(), edges.end(), [](const CallEdge& a, const CallEdge& b) {
      return std::tie(b.weight, a.from, a.to) < std::tie(a.weight, b.from, b.to);
    });
    return edges;
  }

 private:
  struct Sum {
    CallEdge edge;
    uint32_t counted_until = 0;
  };
  std::unordered_map<uint64_t, Sum, NumberHasher> sums_;
};

std::vector<FunctionCost> Heaviest(const CallTree& tree, uint32_t root, uint32_t group_levels,
                                   size_t most, size_t* left_out) {
  std::vector<FunctionCost> functions = CostByFunction(tree, root, group_levels);
  const auto is_root = [](const FunctionCost& f) { return f.name == 0; };
  functions.erase(std::remove_if(functions.begin(), functions.end(), is_root), functions.end());
  std::sort(functions.begin(), functions.end(), [&](const auto& a, const auto& b) {
    return std::tie(b.total, b.self, tree.names[a.name]) <
           std::tie(a.total, a.self, tree.names[b.name]);
  });
  const auto light = std::find_if(functions.begin(), functions.end(), [&](const auto& f) {
    return f.total < tree.nodes[root].total / kLeastPart;
  });
  const auto heavy = static_cast<size_t>(light - functions.begin());
  *left_out = functions.size() - std::min(heavy, most);
  functions.resize(functions.size() - *left_out);
  return functions;
}

}  // namespace

CallGraph BuildCallGraph(const CallTree& tree, uint32_t root, uint32_t group_levels,
                         size_t most_nodes) {
  CallGraph graph;
  graph.nodes = Heaviest(tree, root, group_levels, most_nodes, &graph.left_out);
  std::vector<uint32_t> place_of(tree.names.size(), kNone);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    place_of[graph.nodes[i].name] = static_cast<uint32_t>(i);
  }
  EdgeSums sums;
  std::vector<Above> above(tree.nodes[root].end - root);
  for (uint32_t i = root; i < tree.nodes[root].end; ++i) {
    const CallNode& node = tree.nodes[i];
    const Above caller = i == root ? Above{} : above[node.parent - root];
    const bool is_function = node.depth > group_levels && node.name != 0;
    const uint32_t place = is_function ? place_of[node.name] : kNone;
    above[i - root] = place == kNone ? Above{caller.place, false} : Above{place, true};
    if (place == kNone || caller.place == kNone || caller.place == place) continue;
    sums.Add(caller.place, place, caller.own, i, node);
  }
  graph.edges = sums.Take(tree.nodes[root].total / kLeastPart);
  return graph;
}

std::string CallGraphJson(const CallTree& tree, const CallGraphQuery& query) {
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(tree.unit, &json);
  json.Key("total").Int(tree.nodes.front().total);
  const uint32_t root = WriteRoot(tree, query.tree.root, &json);
  const CallGraph graph =
      BuildCallGraph(tree, root, query.tree.by.empty() ? 0 : 1, query.most_nodes);
  json.Key("names").BeginArray();
  for (const FunctionCost& node : graph.nodes) json.String(tree.names[node.name]);
  json.EndArray().Key("modules").BeginArray();
  for (const FunctionCost& node : graph.nodes) json.String(tree.modules[node.module]);
  json.EndArray().Key("nodes").BeginObject();
  WriteColumn("self", graph.nodes, std::mem_fn(&FunctionCost::self), &json);
  WriteColumn("total", graph.nodes, std::mem_fn(&FunctionCost::total), &json);
  json.EndObject().Key("edges").BeginObject();
  WriteColumn("from", graph.edges, std::mem_fn(&CallEdge::from), &json);
  WriteColumn("to", graph.edges, std::mem_fn(&CallEdge::to), &json);
  WriteColumn("weight", graph.edges, std::mem_fn(&CallEdge::weight), &json);
  WriteColumn("direct", graph.edges, std::mem_fn(&CallEdge::direct), &json);
  json.EndObject().Key("rest").Uint(graph.left_out);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
