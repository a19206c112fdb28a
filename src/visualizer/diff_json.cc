// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "base/json_writer.h"
#include "visualizer/columns_json.h"
#include "visualizer/diff.h"

namespace stacksampler::visualizer {
namespace {

/// Frames or functions with what the test says of them.
struct Judged {
  std::vector<const Compared*> items;
  std::vector<Change> changes;
  std::vector<bool> significant;
};

Judged Judge(const Diff& diff, std::vector<const Compared*> items) {
  Judged judged;
  judged.items = std::move(items);
  for (const Compared* item : judged.items) judged.changes.push_back(diff.ChangeOf(*item));
  judged.significant = Discoveries(judged.changes);
  return judged;
}

int64_t Billionths(double share) { return std::llround(share * kWholeWidth); }

void WriteJudged(const Judged& judged, JsonWriter* json) {
  const auto weight = [](Side side) {
    return [side](const Compared* item) { return std::llround(item->total[side].weight); };
  };
  const auto self = [](Side side) {
    return [side](const Compared* item) { return item->self[side]; };
  };
  WriteColumn("base", judged.items, weight(kBase), json);
  WriteColumn("current", judged.items, weight(kCurrent), json);
  WriteColumn("base_self", judged.items, self(kBase), json);
  WriteColumn("current_self", judged.items, self(kCurrent), json);
  WriteColumn(
      "low", judged.changes, [](const Change& c) { return Billionths(c.low); }, json);
  WriteColumn(
      "high", judged.changes, [](const Change& c) { return Billionths(c.high); }, json);
  WriteColumn("tested", judged.changes, std::mem_fn(&Change::tested), json);
  json->Key("significant").BeginArray();
  for (const bool significant : judged.significant) json->Int(significant ? 1 : 0);
  json->EndArray();
}

void WriteSide(const char* key, const DiffAnswer& answer, Side side, JsonWriter* json) {
  const PeriodSums& period = answer.diff.period(side);
  json->Key(key).BeginObject().Key("total").Int(std::llround(period.total));
  json->Key("left_out").Int(answer.left_out[side]);
  json->Key("records").Uint(answer.records[side]);
  json->Key("intervals").Uint(period.intervals).EndObject();
}

void WriteFrames(const DiffQuery& query, const Diff& diff, const CallTree& tree, JsonWriter* json) {
  const uint32_t root = WriteRoot(tree, query.tree.root, json);
  std::vector<uint32_t> places;
  const auto nodes =
      Prune(tree.nodes, root, LeastTotal(tree.nodes[root].total, query.width), &places);
  std::vector<const Compared*> items;
  items.reserve(places.size());
  for (const uint32_t place : places) items.push_back(&diff.frames()[place]);
  const Judged judged = Judge(diff, std::move(items));
  WriteNodes(tree, nodes, root == 0, json, [&](JsonWriter* out) { WriteJudged(judged, out); });
}

/// Every function that had anything on either side.
Judged JudgeFunctions(const Diff& diff, std::vector<uint32_t>* names) {
  std::vector<const Compared*> items;
  for (uint32_t name = 1; name < diff.functions().size(); ++name) {
    const Compared& function = diff.functions()[name];
    if (function.total[kBase].weight <= 0 && function.total[kCurrent].weight <= 0) continue;
    items.push_back(&function);
    names->push_back(name);
  }
  return Judge(diff, std::move(items));
}

/// What changed before what did not, and the larger change before the smaller.
std::vector<size_t> Ranked(const Judged& judged) {
  std::vector<size_t> order(judged.items.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto rank = [&](size_t i) {
    const Change& change = judged.changes[i];
    return std::tuple(!judged.significant[i], -std::abs(change.current - change.base), i);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  return order;
}

// The verdicts are made over all functions, also those that the limit leaves out.
void WriteFunctions(const DiffQuery& query, const Diff& diff, const CallTree& tree,
                    JsonWriter* json) {
  std::vector<uint32_t> names;
  const Judged all = JudgeFunctions(diff, &names);
  std::vector<size_t> order = Ranked(all);
  const size_t left_out = order.size() - std::min(order.size(), query.limit);
  order.resize(order.size() - left_out);
  Judged shown;
  json->Key("functions").BeginObject().Key("names").BeginArray();
  for (const size_t i : order) {
    json->String(tree.names[names[i]]);
    shown.items.push_back(all.items[i]);
    shown.changes.push_back(all.changes[i]);
    shown.significant.push_back(all.significant[i]);
  }
  json->EndArray().Key("rows").BeginObject();
  WriteJudged(shown, json);
  json->EndObject().Key("rest").Uint(left_out);
  json->Key("changed").Int(std::count(all.significant.begin(), all.significant.end(), true));
  json->EndObject();
}

}  // namespace

std::string DiffJson(DiffAnswer* answer) {
  const DiffQuery& query = *answer->query;
  const CallTree tree = answer->diff.Finish(query.order);
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteRange(query.base.range, &json, "base_range");
  WriteExtent(answer->stored, &json);
  WriteStrings("warnings", answer->warnings, &json);
  WriteUnit(answer->unit, &json);
  json.Key("total").Int(tree.nodes.front().total);
  json.Key("records").Uint(answer->records[kCurrent]);
  WriteSide("base", *answer, kBase, &json);
  WriteSide("current", *answer, kCurrent, &json);
  WriteFrames(query, answer->diff, tree, &json);
  WriteFunctions(query, answer->diff, tree, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
