// SPDX-License-Identifier: MIT
#include "visualizer/top.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/json_writer.h"
#include "visualizer/columns_json.h"

namespace stacksampler::visualizer {
namespace {

constexpr uint32_t kNotSeen = UINT32_MAX;

/// Rows of a name, and the end of the subtree in which its total is already counted.
struct Seen {
  uint32_t row = kNotSeen;
  uint32_t counted_until = 0;
};

void Sort(const CallTree& tree, TopOrder order, std::vector<FunctionCost>* functions) {
  const auto before = [&](const FunctionCost& a, const FunctionCost& b) {
    const std::string& left = tree.names[a.name];
    const std::string& right = tree.names[b.name];
    if (order == TopOrder::kName) return left < right;
    if (order == TopOrder::kTotal) return std::tie(b.total, left) < std::tie(a.total, right);
    return std::tie(b.self, b.total, left) < std::tie(a.self, a.total, right);
  };
  std::sort(functions->begin(), functions->end(), before);
}

void WriteRows(const CallTree& tree, const Top& top, JsonWriter* json) {
  UsedTexts names(tree.names);
  UsedTexts modules(tree.modules);
  std::vector<uint32_t> name_of;
  std::vector<uint32_t> module_of;
  for (const FunctionCost& row : top.rows) {
    name_of.push_back(row.name == 0 ? names.Add(kRootName) : names.Use(row.name));
    module_of.push_back(modules.Use(row.module));
  }
  WriteStrings("names", names.used(), json);
  WriteStrings("modules", modules.used(), json);
  json->Key("rows").BeginObject();
  WriteColumn("name", name_of, std::identity(), json);
  WriteColumn("module", module_of, std::identity(), json);
  WriteColumn("self", top.rows, std::mem_fn(&FunctionCost::self), json);
  WriteColumn("total", top.rows, std::mem_fn(&FunctionCost::total), json);
  json->EndObject();
}

/// What each value of the grouping weighs, in the tree's order. Nothing without one, or below one.
void WriteGroups(const CallTree& tree, uint32_t root, uint32_t group_levels, JsonWriter* json) {
  std::vector<CallNode> groups;
  if (group_levels > 0 && root == 0) {
    for (uint32_t i = 1; i < tree.nodes.size(); i = tree.nodes[i].end) {
      groups.push_back(tree.nodes[i]);
    }
  }
  json->Key("groups").BeginObject().Key("names").BeginArray();
  for (const CallNode& group : groups) json->String(tree.Name(group));
  json->EndArray();
  WriteColumn("total", groups, std::mem_fn(&CallNode::total), json);
  json->EndObject();
}

}  // namespace

std::vector<FunctionCost> CostByFunction(const CallTree& tree, uint32_t root,
                                         uint32_t group_levels) {
  std::vector<FunctionCost> functions;
  std::vector<Seen> seen(tree.names.size());
  for (uint32_t i = root; i < tree.nodes[root].end; ++i) {
    const CallNode& node = tree.nodes[i];
    if (node.depth <= group_levels && node.self == 0) continue;
    Seen& known = seen[node.name];
    if (known.row == kNotSeen) {
      known.row = static_cast<uint32_t>(functions.size());
      functions.push_back({node.name, node.module, 0, 0});
    }
    functions[known.row].self += node.self;
    if (i < known.counted_until) continue;
    functions[known.row].total += node.total;
    known.counted_until = node.end;
  }
  return functions;
}

Top SelectTop(const CallTree& tree, std::vector<FunctionCost> functions, const TopQuery& query,
              const NameMatcher& matches) {
  Top top;
  const auto wanted = [&](const FunctionCost& f) { return matches(tree.names[f.name]); };
  const auto end = std::stable_partition(functions.begin(), functions.end(), wanted);
  top.rows.assign(functions.begin(), end);
  Sort(tree, query.order, &top.rows);
  const size_t kept = std::min(top.rows.size(), query.limit);
  const auto leave_out = [&top](const FunctionCost& function) {
    ++top.rest;
    top.rest_self += function.self;
  };
  std::for_each(end, functions.end(), leave_out);
  std::for_each(top.rows.begin() + static_cast<ptrdiff_t>(kept), top.rows.end(), leave_out);
  top.rows.resize(kept);
  return top;
}

std::string TopJson(const CallTree& tree, const TopQuery& query, const NameMatcher& matches) {
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteUnit(tree.unit, &json);
  json.Key("total").Int(tree.nodes.front().total);
  const uint32_t root = WriteRoot(tree, query.tree.root, &json);
  json.Key("root_total").Int(tree.nodes[root].total);
  const uint32_t group_levels = query.tree.by.empty() ? 0 : 1;
  WriteGroups(tree, root, group_levels, &json);
  const Top top = SelectTop(tree, CostByFunction(tree, root, group_levels), query, matches);
  WriteRows(tree, top, &json);
  json.Key("rest").BeginObject();
  json.Key("functions").Uint(top.rest).Key("self").Int(top.rest_self);
  return json.EndObject().EndObject().Take();
}

}  // namespace stacksampler::visualizer
