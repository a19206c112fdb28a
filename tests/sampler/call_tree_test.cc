// SPDX-License-Identifier: MIT
#include "sampler/call_tree.h"

#include "sampler/counter_table.h"
#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

TEST_CASE("CallTree: the same call from the same stack is one node, through every doubling") {
  CallTree tree(100'000);
  std::vector<NodeId> nodes;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const NodeId parent = i < 100 ? CallTree::kRoot : nodes[i / 2];
    nodes.push_back(tree.Child(parent, {static_cast<uint32_t>(i % 3), i}));
  }
  CHECK(tree.size() == 20'001);
  uint64_t moved = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const NodeId parent = i < 100 ? CallTree::kRoot : nodes[i / 2];
    moved += tree.Child(parent, {static_cast<uint32_t>(i % 3), i}) == nodes[i] ? 0 : 1;
  }
  CHECK(moved == 0);
}

TEST_CASE("CallTree: one address in two modules, or from two callers, is two nodes") {
  CallTree tree(16);
  const NodeId a = tree.Child(CallTree::kRoot, {0, 0x10});
  const NodeId b = tree.Child(CallTree::kRoot, {1, 0x10});
  CHECK(a != b);
  CHECK(tree.Child(a, {0, 0x20}) != tree.Child(b, {0, 0x20}));
}

TEST_CASE("CallTree: at the cap, known nodes are found and new ones refused") {
  CallTree tree(2);
  const NodeId a = tree.Child(CallTree::kRoot, {0, 1});
  const NodeId b = tree.Child(a, {0, 2});
  CHECK(tree.Child(b, {0, 3}) == CallTree::kNone);
  CHECK(tree.Child(CallTree::kRoot, {0, 1}) == a);
  CHECK(tree.Child(a, {0, 2}) == b);
}

TEST_CASE("CounterTable: at the cap, known counters and markers are found, new ones refused") {
  CounterTable counters(2);
  const NameId name = counters.InternName("worker");
  CHECK(counters.Find({name, 1}) == CounterId{0});
  CHECK(counters.Find({name, 2}) == CounterId{1});
  CHECK(counters.Find({name, 3}) == std::nullopt);
  CHECK(counters.Find({name, 1}) == CounterId{0});
  CHECK(counters.FindMarker({name, 4}) == CounterId{2});
}

TEST_CASE("CallTree: at the cap it and its counters take no more than 160 bytes a node") {
  constexpr size_t kNodes = 70'000;  // just above a power of two: the worst that doubling does
  CallTree tree(kNodes);
  CounterTable counters(kNodes);
  const NameId name = counters.InternName("worker");
  for (uint64_t i = 0; i < kNodes + 100; ++i) {
    const NodeId node = tree.Child(static_cast<NodeId>(i / 2), {0, i});
    if (node != CallTree::kNone) (void)counters.Find({name, node});
  }
  CHECK(tree.size() == kNodes + 1);
  CHECK(tree.bytes() + counters.bytes() <= 160 * kNodes);
}

TEST_CASE("CounterTable: threads beyond the cap on names share one") {
  CounterTable counters(1);
  for (size_t i = 0; i < kMaxThreadNames; ++i) counters.InternName("t" + std::to_string(i));
  const NameId other = counters.InternName("one more");
  CHECK(counters.Name(other) == kOtherThreads);
  CHECK(counters.InternName("and another") == other);
  CHECK(counters.Name(counters.InternName("t7")) == "t7");
}

}  // namespace
}  // namespace stacksampler::sampling
