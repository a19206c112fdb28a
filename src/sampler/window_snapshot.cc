// SPDX-License-Identifier: MIT
#include "sampler/window_snapshot.h"

#include <utility>

namespace stacksampler::sampling {
namespace {

// Copies the nodes that lead to a counted stack. Returns, for each node of the tree, its index.
std::vector<uint32_t> CopyNodes(const OfferedWindow& window, const CallTree& tree,
                                const CounterTable& counters, const CodeMap& code,
                                std::vector<WindowSnapshot::Node>* nodes) {
  std::vector<bool> wanted(tree.size());
  wanted[CallTree::kRoot] = true;
  for (CounterId id = 0; id < window.weights.size(); ++id) {
    if (window.weights[id] == 0) continue;
    for (NodeId node = counters.Get(id).node; !wanted[node]; node = tree.Get(node).parent) {
      wanted[node] = true;
    }
  }
  std::vector<uint32_t> index(tree.size());
  nodes->emplace_back();
  for (NodeId id = 1; id < tree.size(); ++id) {
    if (!wanted[id]) continue;
    const CallTree::Node& node = tree.Get(id);
    index[id] = static_cast<uint32_t>(nodes->size());
    nodes->push_back({node.address, code.ModuleOf(node.address), index[node.parent]});
  }
  return index;
}

}  // namespace

WindowSnapshot TakeSnapshot(OfferedWindow window, const CallTree& tree,
                            const CounterTable& counters, const CodeMap& code) {
  WindowSnapshot snapshot;
  snapshot.id = window.id;
  snapshot.start_ns = window.start_ns;
  snapshot.end_ns = window.end_ns;
  const std::vector<uint32_t> node_index = CopyNodes(window, tree, counters, code, &snapshot.nodes);
  std::vector<uint32_t> entry_index(window.weights.size());
  for (CounterId id = 0; id < window.weights.size(); ++id) {
    if (window.weights[id] == 0) continue;
    const CounterTable::Counter& counter = counters.Get(id);
    entry_index[id] = static_cast<uint32_t>(snapshot.entries.size());
    snapshot.entries.push_back(
        {node_index[counter.node], counter.name, window.weights[id], counter.state});
  }
  for (Moment& moment : window.moments) moment.counter = entry_index[moment.counter];
  snapshot.moments = std::move(window.moments);
  for (NameId id = 0; id < counters.name_count(); ++id) snapshot.names.push_back(counters.Name(id));
  return snapshot;
}

}  // namespace stacksampler::sampling
