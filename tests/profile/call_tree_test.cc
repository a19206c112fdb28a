// SPDX-License-Identifier: MIT
#include "profile/call_tree.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "profile/stack_tree.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int64_t kPeriodNs = 5'000'000;

// "main;serve" with one label {"thread", ...} unless it is empty.
void Add(Profile* profile, const std::vector<std::string>& frames, int64_t weight,
         const std::string& thread = {}, int64_t period_ns = kPeriodNs) {
  StackId stack = 0;
  for (const std::string& name : frames) {
    stack = profile->InternStack(stack, profile->InternFrame(name));
  }
  Labels labels;
  if (!thread.empty()) labels = {{"thread", thread}};
  profile->AddSample(stack, profile->InternLabels(labels), weight, weight * period_ns);
}

CallTreeOptions Samples(SiblingOrder order = SiblingOrder::kHeavyFirst, std::string by = {}) {
  return {TreeUnit::kSamples, order, std::move(by)};
}

// One line per node: "depth name total/self+hidden".
std::string Text(const CallTree& tree, const std::vector<CallNode>& nodes) {
  std::string text;
  for (const CallNode& node : nodes) {
    text += std::to_string(node.depth) + ' ' + tree.Name(node) + ' ' + std::to_string(node.total) +
            '/' + std::to_string(node.self) + '+' + std::to_string(node.hidden) + '\n';
  }
  return text;
}
std::string Text(const CallTree& tree) { return Text(tree, tree.nodes); }

Profile Example() {
  Profile profile;
  Add(&profile, {"main", "a"}, 1, "one");
  Add(&profile, {"main", "b", "c"}, 5, "two");
  Add(&profile, {"main"}, 2, "one");
  Add(&profile, {"other"}, 3);
  return profile;
}

TEST_CASE("CallTree: the heaviest sibling comes first, totals hold the subtree") {
  CHECK(Text(BuildCallTree(Example(), Samples())) ==
        "0  11/0+0\n"
        "1 main 8/2+0\n"
        "2 b 5/0+0\n"
        "3 c 5/5+0\n"
        "2 a 1/1+0\n"
        "1 other 3/3+0\n");
}

TEST_CASE("CallTree: in order of names when asked, and of equal weight always") {
  Profile profile;
  Add(&profile, {"b"}, 1);
  Add(&profile, {"c"}, 2);
  Add(&profile, {"a"}, 1);
  CHECK(Text(BuildCallTree(profile, Samples(SiblingOrder::kByName))) ==
        "0  4/0+0\n1 a 1/1+0\n1 b 1/1+0\n1 c 2/2+0\n");
  CHECK(Text(BuildCallTree(profile, Samples(SiblingOrder::kHeavyFirst))) ==
        "0  4/0+0\n1 c 2/2+0\n1 a 1/1+0\n1 b 1/1+0\n");
}

TEST_CASE("CallTree: a label's value becomes the first frame, none has a name of its own") {
  CHECK(Text(BuildCallTree(Example(), Samples(SiblingOrder::kByName, "thread"))) ==
        "0  11/0+0\n"
        "1 [no thread] 3/0+0\n"
        "2 other 3/3+0\n"
        "1 one 3/0+0\n"
        "2 main 3/2+0\n"
        "3 a 1/1+0\n"
        "1 two 5/0+0\n"
        "2 main 5/0+0\n"
        "3 b 5/0+0\n"
        "4 c 5/5+0\n");
}

TEST_CASE("CallTree: frames of one shown name merge and keep the first module") {
  Profile profile;
  Frame frame;
  frame.name = profile.InternString("work");
  frame.mapping = profile.InternMapping("/lib/one.so", "ab");
  frame.inlined = true;
  const StackId first = profile.InternStack(0, profile.InternFrame(frame));
  frame.mapping = profile.InternMapping("/lib/two.so", "cd");
  frame.line = 7;
  frame.inlined = false;
  const StackId second = profile.InternStack(0, profile.InternFrame(frame));
  profile.AddSample(first, 0, 1, kPeriodNs);
  profile.AddSample(second, 0, 2, 2 * kPeriodNs);
  const CallTree tree = BuildCallTree(profile, Samples());
  REQUIRE(tree.nodes.size() == 2);
  CHECK(tree.nodes[1].total == 3);
  CHECK(tree.modules[tree.nodes[1].module] == "/lib/one.so");
  CHECK(tree.nodes[1].inlined);
}

TEST_CASE("CallTree: CPU time is in microseconds, samples where a period is unknown") {
  Profile profile = Example();
  CHECK(UnitOf(Profile()) == TreeUnit::kCpuMicroseconds);
  CHECK(UnitOf(profile) == TreeUnit::kCpuMicroseconds);
  const CallTree tree = BuildCallTree(profile, {});
  CHECK(tree.unit == TreeUnit::kCpuMicroseconds);
  CHECK(tree.nodes[0].total == 11 * 5000);
  Add(&profile, {"imported"}, 1, {}, 0);
  CHECK(UnitOf(profile) == TreeUnit::kSamples);
}

TEST_CASE("CallTree: a profile without samples is its root alone") {
  CHECK(Text(BuildCallTree(Profile(), Samples(SiblingOrder::kByName, "thread"))) == "0  0/0+0\n");
}

TEST_CASE("CallTree: a path leads to its node, or to the end of what exists of it") {
  const CallTree tree = BuildCallTree(Example(), Samples());
  const auto found = [&tree](const std::vector<std::string>& path) {
    const PathMatch match = FindPath(tree, path);
    return tree.Name(tree.nodes[match.node]) + ' ' + std::to_string(match.matched);
  };
  CHECK(found({}) == " 0");
  CHECK(found({"main", "b", "c"}) == "c 3");
  CHECK(found({"main", "b", "gone", "c"}) == "b 2");
  CHECK(found({"gone"}) == " 0");
  CHECK(found({"other", "main"}) == "other 1");
}

TEST_CASE("CallTree: pruning names what it hides in the parent") {
  const CallTree tree = BuildCallTree(Example(), Samples());
  CHECK(Text(tree, Prune(tree.nodes, 0, 4)) == "0  11/0+3\n1 main 8/2+1\n2 b 5/0+0\n3 c 5/5+0\n");
  CHECK(Text(tree, Prune(tree.nodes, FindPath(tree, {"main", "a"}).node, 100)) == "0 a 1/1+0\n");
}

TEST_CASE("CallTree: stacks of 50,000 frames need no recursion") {
  constexpr size_t kDepth = 50'000;
  Profile profile;
  Add(&profile, std::vector<std::string>(kDepth, "f"), 1);
  const CallTree tree = BuildCallTree(profile, Samples());
  REQUIRE(tree.nodes.size() == kDepth + 1);
  CHECK(tree.nodes.back().depth == kDepth);
  CHECK(FindPath(tree, std::vector<std::string>(kDepth, "f")).node == kDepth);
  CHECK(Prune(tree.nodes, 1, 1).size() == kDepth);
}

// ---- Invariants on random trees.

// Frames of one name differ in their lines.
Profile RandomProfile(std::mt19937* random) {
  Profile profile;
  const size_t stacks = 1 + (*random)() % 40;
  for (size_t i = 0; i < stacks; ++i) {
    StackId stack = 0;
    for (size_t depth = (*random)() % 8; depth > 0; --depth) {
      Frame frame;
      frame.name = profile.InternString(std::string(1, static_cast<char>('a' + (*random)() % 4)));
      frame.line = (*random)() % 2;
      stack = profile.InternStack(stack, profile.InternFrame(frame));
    }
    Labels labels;
    if ((*random)() % 3 != 0) labels = {{"thread", std::string((*random)() % 3, 't')}};
    const auto weight = static_cast<int64_t>(1 + (*random)() % 100);
    profile.AddSample(stack, profile.InternLabels(labels), weight, weight * kPeriodNs);
  }
  return profile;
}

using Path = std::vector<std::string>;

// What runs through each path, added up sample by sample.
std::map<Path, int64_t> TotalsByPath(const Profile& profile, bool by_thread) {
  std::map<Path, int64_t> totals;
  for (const Sample& sample : profile.samples()) {
    Path path;
    const Labels& labels = profile.label_sets()[sample.labels];
    const bool has_thread = !labels.empty() && !labels[0].second.empty();
    if (by_thread) path.push_back(has_thread ? labels[0].second : "[no thread]");
    totals[{}] += sample.weight;
    if (by_thread) totals[path] += sample.weight;
    for (const FrameId frame : profile.StackFrames(sample.stack)) {
      path.push_back(profile.FrameName(frame));
      totals[path] += sample.weight;
    }
  }
  return totals;
}

Path PathOf(const CallTree& tree, uint32_t node) {
  Path path;
  for (; node != 0; node = tree.nodes[node].parent) path.push_back(tree.Name(tree.nodes[node]));
  std::reverse(path.begin(), path.end());
  return path;
}

std::map<Path, int64_t> TotalsByPath(const CallTree& tree) {
  std::map<Path, int64_t> totals;
  for (uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const auto [it, added] = totals.try_emplace(PathOf(tree, i), tree.nodes[i].total);
    REQUIRE(added);
  }
  return totals;
}

void CheckShape(const std::vector<CallNode>& nodes) {
  std::vector<int64_t> accounted(nodes.size());
  for (size_t i = nodes.size(); i-- > 0;) {
    const CallNode& node = nodes[i];
    REQUIRE(node.total == node.self + node.hidden + accounted[i]);
    REQUIRE(node.end > i);
    REQUIRE(node.end <= nodes[node.parent].end);
    if (i == 0) continue;
    REQUIRE(node.parent < i);
    REQUIRE(node.depth == nodes[node.parent].depth + 1);
    accounted[node.parent] += node.total;
  }
}

void CheckOrder(const CallTree& tree, const std::vector<CallNode>& nodes, SiblingOrder order) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (uint32_t child = i + 1; child < nodes[i].end; child = nodes[child].end) {
      const uint32_t next = nodes[child].end;
      if (next >= nodes[i].end) continue;
      if (order == SiblingOrder::kHeavyFirst) {
        REQUIRE(nodes[child].total >= nodes[next].total);
      } else {
        REQUIRE(tree.Name(nodes[child]) < tree.Name(nodes[next]));
      }
    }
  }
}

TEST_CASE("CallTree: pruning 1,000 random trees keeps totals, order and every node wide enough") {
  std::mt19937 random(7);
  for (int round = 0; round < 1000; ++round) {
    const Profile profile = RandomProfile(&random);
    const auto order = round % 2 == 0 ? SiblingOrder::kHeavyFirst : SiblingOrder::kByName;
    const std::string by = round % 3 == 0 ? "thread" : "";
    const CallTree tree = BuildCallTree(profile, Samples(order, by));
    REQUIRE(TotalsByPath(tree) == TotalsByPath(profile, !by.empty()));
    CheckShape(tree.nodes);
    CheckOrder(tree, tree.nodes, order);
    REQUIRE(tree.nodes[0].total == profile.TotalWeight());

    const auto root = static_cast<uint32_t>(random() % tree.nodes.size());
    const auto least = static_cast<int64_t>(random() % 200);
    const std::vector<CallNode> pruned = Prune(tree.nodes, root, least);
    CheckShape(pruned);
    CheckOrder(tree, pruned, order);
    REQUIRE(pruned[0].total == tree.nodes[root].total);
    const auto wide =
        std::count_if(tree.nodes.begin() + root + 1, tree.nodes.begin() + tree.nodes[root].end,
                      [least](const CallNode& node) { return node.total >= least; });
    REQUIRE(pruned.size() == static_cast<size_t>(wide) + 1);

    const StackTree stacks(profile, TreeUnit::kSamples, by);
    const StackTree::Place place = stacks.Find(PathOf(tree, root));
    REQUIRE(place.matched == tree.nodes[root].depth);
    REQUIRE(Text(tree, stacks.Subtree(place, order, least)) == Text(tree, pruned));
  }
}

TEST_CASE("StackTree: a path leads to its stacks, or to those at the end of what exists of it") {
  const Profile profile = Example();
  const StackTree tree(profile, TreeUnit::kSamples, "");
  const auto found = [&tree](const Path& path) {
    const StackTree::Place place = tree.Find(path);
    return std::pair(place.matched, place.total);
  };
  CHECK(found({}) == std::pair(size_t{0}, int64_t{11}));
  CHECK(found({"main", "b", "c"}) == std::pair(size_t{3}, int64_t{5}));
  CHECK(found({"main", "b", "gone", "c"}) == std::pair(size_t{2}, int64_t{5}));
  CHECK(found({"gone"}) == std::pair(size_t{0}, int64_t{11}));
}

TEST_CASE("StackTree: makes no node that is not asked for, and counts all of them") {
  Profile profile;
  for (int i = 0; i < 1000; ++i) Add(&profile, {"main", "f" + std::to_string(i), "leaf"}, 1);
  const StackTree tree(profile, TreeUnit::kSamples, "");
  const std::vector<CallNode> nodes = tree.Subtree(tree.Find({}), SiblingOrder::kHeavyFirst, 2);
  REQUIRE(nodes.size() == 2);
  CHECK(nodes.capacity() < 1000);
  CHECK(nodes[1].total == 1000);
  CHECK(nodes[1].hidden == 1000);
}

}  // namespace
}  // namespace stacksampler
