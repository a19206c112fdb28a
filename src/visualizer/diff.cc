// SPDX-License-Identifier: MIT
#include "visualizer/diff.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stacksampler/keyed_hash.h"
#include "visualizer/stack_edit.h"
#include "visualizer/top.h"

namespace stacksampler::visualizer {
namespace {

/// What one merged interval weighs per sample, in the tree's unit.
double QuantumOf(const Profile& profile, TreeUnit unit) {
  const int64_t weight = profile.TotalWeight();
  if (unit == TreeUnit::kSamples || weight == 0) return 1;
  return static_cast<double>(profile.TotalCpuNs()) / 1000 / static_cast<double>(weight);
}

/// The kReplicates parts of a range: both ends inclusive, no moment in two. A range of fewer
/// nanoseconds is one part.
std::vector<store::Query> PartsOf(const TreeQuery& query) {
  const Range& range = query.range;
  const auto length = static_cast<uint64_t>(range.until.ns) - static_cast<uint64_t>(range.from.ns);
  store::Query part = StoreQuery(query);
  if (length < kReplicates) return {part};
  std::vector<store::Query> parts;
  for (int64_t i = 1; i <= kReplicates; ++i) {
    const uint64_t behind = length / kReplicates * static_cast<uint64_t>(i);
    part.until_ns =
        i == kReplicates ? range.until.ns : range.from.ns + static_cast<int64_t>(behind);
    parts.push_back(part);
    part.from_ns = part.until_ns + 1;
  }
  return parts;
}

using Parts = std::array<std::shared_ptr<const std::vector<store::QueryResult>>, 2>;

TreeUnit CommonUnit(const Parts& parts) {
  const auto in_samples = [](const store::QueryResult& part) {
    return UnitOf(part.profile) == TreeUnit::kSamples;
  };
  const bool any = std::any_of(parts.begin(), parts.end(), [&](const auto& side) {
    return std::any_of(side->begin(), side->end(), in_samples);
  });
  return any ? TreeUnit::kSamples : TreeUnit::kCpuMicroseconds;
}

void AddPart(Side side, const Profile& part, DiffAnswer* answer) {
  const TreeQuery& query = answer->query->tree;
  EditedProfile edited;
  const Profile& profile = Edited(part, query.edit, &edited);
  answer->left_out[side] += LeftOut(edited, answer->unit);
  const CallTree tree = BuildCallTree(profile, {answer->unit, SiblingOrder::kHeavyFirst, query.by});
  answer->diff.Add(side, tree, QuantumOf(profile, answer->unit), query.by.empty() ? 0 : 1);
}

}  // namespace

Diff::Diff() : builder_(0) {
  Intern("", &name_ids_, &names_);
  Intern("", &module_ids_, &modules_);
  frames_.resize(1);
}

uint32_t Diff::Intern(const std::string& text,
                      std::unordered_map<std::string, uint32_t, TextHasher>* ids,
                      std::vector<std::string>* texts) {
  const auto [it, added] = ids->try_emplace(text, static_cast<uint32_t>(texts->size()));
  if (added) texts->push_back(text);
  return it->second;
}

CallNode Diff::Translate(const CallTree& tree, const CallNode& node) {
  CallNode translated = node;
  translated.name = Intern(tree.Name(node), &name_ids_, &names_);
  translated.module = Intern(tree.modules[node.module], &module_ids_, &modules_);
  return translated;
}

void Diff::Add(Side side, const CallTree& interval, double quantum, uint32_t group_levels) {
  const auto total = static_cast<double>(interval.nodes.front().total);
  if (total <= 0) return;
  periods_[side].Add(total);
  periods_[side].quantum = quantum;
  AddFrames(side, interval);
  AddFunctions(side, interval, group_levels);
}

void Diff::AddFrames(Side side, const CallTree& tree) {
  const auto whole = static_cast<double>(tree.nodes.front().total);
  std::vector<uint32_t> places(tree.nodes.size());  // by the interval's nodes
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const CallNode& node = tree.nodes[i];
    if (i > 0) places[i] = builder_.FindOrAdd(places[node.parent], Translate(tree, node));
    if (frames_.size() < builder_.size()) frames_.resize(builder_.size());
    frames_[places[i]].total[side].Add(static_cast<double>(node.total), whole);
    frames_[places[i]].self[side] += node.self;
  }
}

void Diff::AddFunctions(Side side, const CallTree& tree, uint32_t group_levels) {
  const auto whole = static_cast<double>(tree.nodes.front().total);
  for (const FunctionCost& cost : CostByFunction(tree, 0, group_levels)) {
    if (cost.name == 0) continue;
    const uint32_t name = Intern(tree.names[cost.name], &name_ids_, &names_);
    if (functions_.size() <= name) functions_.resize(names_.size());
    functions_[name].total[side].Add(static_cast<double>(cost.total), whole);
    functions_[name].self[side] += cost.self;
  }
}

Change Diff::ChangeOf(const Compared& compared) const {
  return CompareShares(periods_[kBase], compared.total[kBase], periods_[kCurrent],
                       compared.total[kCurrent]);
}

int64_t Diff::WidthOf(const Compared& frame) const {
  double width = 0;
  for (const Side side : {kBase, kCurrent}) {
    if (periods_[side].total <= 0) continue;
    width = std::max(width, static_cast<double>(frame.self[side]) / periods_[side].total);
  }
  return std::llround(width * kWholeWidth);
}

CallTree Diff::Finish(SiblingOrder order) {
  for (uint32_t i = 0; i < builder_.size(); ++i) builder_.Self(i) = WidthOf(frames_[i]);
  CallTree tree;
  std::vector<uint32_t> ids;
  tree.nodes = builder_.Finish(names_, order, &ids);
  tree.names = std::move(names_);
  tree.modules = std::move(modules_);
  functions_.resize(tree.names.size());
  std::vector<Compared> ordered;
  ordered.reserve(ids.size());
  for (const uint32_t id : ids) ordered.push_back(frames_[id]);
  frames_ = std::move(ordered);
  return tree;
}

Status ReadDiff(MergedStore* store, DiffAnswer* answer) {
  const DiffQuery& query = *answer->query;
  const TreeQuery* sides[] = {&query.base, &query.tree};
  Parts parts;
  for (const Side side : {kBase, kCurrent}) {
    auto merged = store->MergeParts(PartsOf(*sides[side]));
    if (!merged.ok()) return merged.status();
    parts[side] = *std::move(merged);
    for (const store::QueryResult& part : *parts[side]) answer->records[side] += part.records;
    answer->warnings = parts[side]->front().warnings;  // of the store, the same each time
  }
  answer->unit = CommonUnit(parts);
  for (const Side side : {kBase, kCurrent}) {
    for (const store::QueryResult& part : *parts[side]) AddPart(side, part.profile, answer);
  }
  return Status::Ok();
}

}  // namespace stacksampler::visualizer
