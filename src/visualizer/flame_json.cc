// SPDX-License-Identifier: MIT
#include "visualizer/flame_json.h"

#include <map>
#include <set>

#include "base/json_writer.h"
#include "base/time_phrase.h"
#include "visualizer/columns_json.h"

namespace stacksampler::visualizer {
namespace {

/// "nearest": {"before": ..., "after": ...}, each where there is one; nothing where there is none.
void WriteNearest(const Nearest& nearest, JsonWriter* json) {
  if (!nearest.before_ns && !nearest.after_ns) return;
  json->Key("nearest").BeginObject();
  if (nearest.before_ns) json->Key("before").String(FormatTime(*nearest.before_ns));
  if (nearest.after_ns) json->Key("after").String(FormatTime(*nearest.after_ns));
  json->EndObject();
}

/// "at": {"begin": ..., "end": ...} where it was asked for.
void WriteAt(const TreeQuery& query, JsonWriter* json) {
  if (!query.at) return;
  json->Key("at").BeginObject();
  json->Key("begin").String(FormatTime(query.at->begin_ns, query.range.zone));
  json->Key("end").String(FormatTime(query.at->end_ns, query.range.zone)).EndObject();
}

}  // namespace

std::string FlameJson(const FlameAnswer& answer) {
  const StackTree& tree = *answer.tree;
  const FlameQuery& query = *answer.query;
  JsonWriter json;
  json.BeginObject();
  WriteRange(query.tree.range, &json);
  WriteAt(query.tree, &json);
  WriteExtent(answer.stored, &json);
  WriteNearest(answer.nearest, &json);
  json.Key("records").Uint(answer.records);
  WriteStrings("warnings", answer.warnings, &json);
  WriteUnit(tree.unit(), &json);
  json.Key("total").Int(tree.total());
  json.Key("left_out").Int(answer.left_out);
  const StackTree::Place root = tree.Find(query.tree.root);
  WritePath(query.tree.root, root.matched, &json);
  const int64_t least = LeastTotal(root.total, query.width);
  WriteNodes(tree.texts(), tree.Subtree(root, query.order, least), root.matched == 0, &json);
  return json.EndObject().Take();
}

std::string SearchJson(const SearchResult& result) {
  JsonWriter json;
  json.BeginObject().Key("total").Int(result.total).Key("matched").Int(result.matched);
  WriteStrings("names", result.names, &json);
  json.Key("names_truncated").Bool(result.names_truncated);
  return json.EndObject().Take();
}

std::string LabelsJson(const store::SeriesResult& stored) {
  std::map<std::string, std::set<std::string>> values = {
      {"host", {}}, {"port", {}}, {"thread", {}}};
  for (const Labels& labels : stored.series) {
    for (const auto& [key, value] : labels) values[key].insert(value);
  }
  JsonWriter json;
  json.BeginObject().Key("labels").BeginObject();
  for (const auto& [key, distinct] : values) WriteStrings(key.c_str(), distinct, &json);
  json.EndObject();
  if (!stored.warnings.empty()) WriteStrings("warnings", stored.warnings, &json);
  return json.EndObject().Take();
}

}  // namespace stacksampler::visualizer
