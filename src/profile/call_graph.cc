// SPDX-License-Identifier: MIT
#include "profile/call_graph.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "base/visible_text.h"
#include "stacksampler/keyed_hash.h"

namespace stacksampler {
namespace {

constexpr const char* kUnnamed = "[unnamed]";

/// Weights of what may lie within itself: only the outermost counts. Nodes come in preorder.
struct Outermost {
  int64_t total = 0;
  int64_t entered = 0;  // of calls
  uint32_t counted_until = 0;

  void Add(const CallNode& node, uint32_t place) {
    if (place < counted_until) return;
    total += node.total;
    counted_until = node.end;
  }
};

class Builder {
 public:
  explicit Builder(const Profile& profile)
      : profile_(profile),
        tree_(BuildCallTree(profile, {UnitOf(profile), SiblingOrder::kHeavyFirst, ""})) {}

  CallGraph Build() {
    graph_.unit = tree_.unit;
    graph_.total = tree_.nodes.front().total;
    AddFunctions();
    SumNodes();
    Sort();
    return std::move(graph_);
  }

 private:
  void AddFunctions() {
    graph_.functions.resize(tree_.names.size());
    totals_.resize(tree_.names.size());
    for (size_t i = 0; i < tree_.names.size(); ++i) {
      const std::string& name = tree_.names[i];
      graph_.functions[i].name = name.empty() ? kUnnamed : VisibleText(name);
    }
    std::unordered_map<std::string, const Frame*, TextHasher> first;
    for (const Frame& frame : profile_.frames()) first.emplace(profile_.String(frame.name), &frame);
    for (size_t i = 1; i < tree_.names.size(); ++i) Describe(first, i);
  }

  void Describe(const std::unordered_map<std::string, const Frame*, TextHasher>& first, size_t i) {
    const auto it = first.find(tree_.names[i]);
    if (it == first.end()) return;
    const Frame& frame = *it->second;
    CalledFunction& function = graph_.functions[i];
    function.module = VisibleText(profile_.String(profile_.mappings()[frame.mapping].module));
    function.file = VisibleText(profile_.String(frame.file));
    function.line = frame.line;
  }

  // The root of all shares its name, "", with what has none; it is nobody's caller.
  void SumNodes() {
    graph_.functions[0].self = graph_.functions[0].total = tree_.nodes.front().self;
    for (uint32_t i = 1; i < tree_.nodes.size(); ++i) {
      const CallNode& node = tree_.nodes[i];
      const bool recurs = i < totals_[node.name].counted_until;
      graph_.functions[node.name].self += node.self;
      totals_[node.name].Add(node, i);
      if (node.parent == 0) continue;
      const uint32_t caller = tree_.nodes[node.parent].name;
      Outermost& call = calls_[uint64_t{caller} << 32 | node.name];
      call.Add(node, i);
      if (!recurs) call.entered += node.total;
    }
    for (size_t i = 0; i < totals_.size(); ++i) graph_.functions[i].total += totals_[i].total;
  }

  void Sort() {
    std::vector<uint32_t> order(graph_.functions.size());
    std::iota(order.begin(), order.end(), 0);
    const auto& functions = graph_.functions;
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::tie(functions[b].total, functions[a].name, a) <
             std::tie(functions[a].total, functions[b].name, b);
    });
    std::vector<uint32_t> place(order.size());
    std::vector<CalledFunction> sorted;
    for (const uint32_t old : order) {
      if (functions[old].total == 0) continue;
      place[old] = static_cast<uint32_t>(sorted.size());
      sorted.push_back(std::move(graph_.functions[old]));
    }
    graph_.functions = std::move(sorted);
    for (const auto& [key, sum] : calls_) {
      const auto caller = static_cast<uint32_t>(key >> 32);
      const auto callee = static_cast<uint32_t>(key);
      if (sum.total > 0) {
        graph_.calls.push_back({place[caller], place[callee], sum.total, sum.entered});
      }
    }
    std::sort(graph_.calls.begin(), graph_.calls.end(), [](const auto& a, const auto& b) {
      return std::tie(b.total, a.caller, a.callee) < std::tie(a.total, b.caller, b.callee);
    });
  }

  const Profile& profile_;
  const CallTree tree_;
  CallGraph graph_;
  std::vector<Outermost> totals_;                                // by name
  std::unordered_map<uint64_t, Outermost, NumberHasher> calls_;  // by caller's and callee's name
};

}  // namespace

CallGraph BuildCallGraph(const Profile& profile) { return Builder(profile).Build(); }

}  // namespace stacksampler
