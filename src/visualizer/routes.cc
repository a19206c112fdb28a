// SPDX-License-Identifier: MIT
#include "visualizer/routes.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "visualizer/answer.h"
#include "visualizer/assets.h"
#include "visualizer/call_graph.h"
#include "visualizer/data_json.h"
#include "visualizer/diff.h"
#include "visualizer/export.h"
#include "visualizer/flame_json.h"
#include "visualizer/nearest.h"
#include "visualizer/query.h"
#include "visualizer/sandwich.h"
#include "visualizer/search.h"
#include "visualizer/share.h"
#include "visualizer/source_view.h"
#include "visualizer/stack_edit.h"
#include "visualizer/timeline.h"
#include "visualizer/top.h"

namespace stacksampler::visualizer {
namespace {

CallTree TreeOf(const Profile& profile, const TreeQuery& query, SiblingOrder order) {
  return BuildCallTree(profile, {UnitOf(profile), order, query.by});
}

class Routes {
 public:
  Routes(store::StoreReader* reader, Clock now, SourceFiles sources)
      : reader_(reader), now_(std::move(now)), sources_(std::move(sources)) {}

  http::Response Serve(const http::Request& request) const;

 private:
  using Route = http::Response (Routes::*)(const http::Request&) const;

  /// What the store has, edited as the query wants it.
  Result<store::QueryResult> Read(const store::Query& stored, const TreeQuery& query,
                                  int64_t* left_out = nullptr) const;

  http::Response Data(const http::Request& request) const;
  http::Response Flame(const http::Request& request) const;
  http::Response FindFrames(const http::Request& request) const;
  http::Response TopFunctions(const http::Request& request) const;
  http::Response CallersAndCallees(const http::Request& request) const;
  http::Response Timeline(const http::Request& request) const;
  http::Response OwnShare(const http::Request& request) const;
  http::Response CallGraphOf(const http::Request& request) const;
  http::Response Source(const http::Request& request) const;
  http::Response Compare(const http::Request& request) const;
  http::Response Export(const http::Request& request) const;
  http::Response LabelValues(const http::Request& request) const;
  http::Response Health(const http::Request& request) const;

  store::StoreReader* reader_;
  Clock now_;
  SourceFiles sources_;
};

http::Response Routes::Serve(const http::Request& request) const {
  static constexpr std::pair<const char*, Route> kRoutes[] = {
      {"/data", &Routes::Data},
      {"/api/v1/flame", &Routes::Flame},
      {"/api/v1/search", &Routes::FindFrames},
      {"/api/v1/top", &Routes::TopFunctions},
      {"/api/v1/sandwich", &Routes::CallersAndCallees},
      {"/api/v1/timeline", &Routes::Timeline},
      {"/api/v1/share", &Routes::OwnShare},
      {"/api/v1/callgraph", &Routes::CallGraphOf},
      {"/api/v1/source", &Routes::Source},
      {"/api/v1/diff", &Routes::Compare},
      {"/api/v1/export", &Routes::Export},
      {"/api/v1/labels", &Routes::LabelValues},
      {"/healthz", &Routes::Health},
  };
  for (const auto& [path, route] : kRoutes) {
    if (request.path == path) return (this->*route)(request);
  }
  if (auto asset = ServeAsset(request)) return *std::move(asset);
  return NotFound(request.path);
}

Result<store::QueryResult> Routes::Read(const store::Query& stored, const TreeQuery& query,
                                        int64_t* left_out) const {
  auto result = reader_->Merge(stored);
  if (!result.ok()) return result;
  const int64_t dropped = EditProfile(query.edit, &result->profile);
  if (left_out != nullptr) *left_out = dropped;
  return result;
}

http::Response Routes::Data(const http::Request& request) const {
  DataQuery query;
  if (const auto bad = ReadDataQuery(request, now_(), &query)) return Refuse(*bad);
  const auto result = reader_->Merge(query.store);
  if (!result.ok()) return Failed(result.status());
  const CallTree tree =
      BuildCallTree(result->profile, {TreeUnit::kSamples, SiblingOrder::kByName, ""});
  return Json(DataJson(tree, query.threshold, result->warnings));
}

http::Response Routes::Flame(const http::Request& request) const {
  FlameQuery query;
  if (const auto bad = ReadFlameQuery(request, now_(), &query)) return Refuse(*bad);
  const auto stored = reader_->StoredExtent();
  if (!stored.ok()) return Failed(stored.status());
  int64_t left_out = 0;
  const auto result = Read(StoreQuery(query.tree), query.tree, &left_out);
  if (!result.ok()) return Failed(result.status());
  const CallTree tree = TreeOf(result->profile, query.tree, query.order);
  FlameAnswer answer = {&query, &tree, *stored, result->records, left_out, result->warnings, {}};
  if (tree.nodes.front().total == 0 && !stored->empty) {
    const auto nearest = FindNearest(reader_, query.tree, *stored);
    if (!nearest.ok()) return Failed(nearest.status());
    answer.nearest = *nearest;
  }
  return Json(FlameJson(answer));
}

http::Response Routes::FindFrames(const http::Request& request) const {
  TreeQuery query;
  NameMatcher matcher;
  if (const auto bad = ReadTreeQuery(request, now_(), &query)) return Refuse(*bad);
  if (const auto bad = CompileSearch("q", request.Param("q"), &matcher)) return Refuse(*bad);
  const auto result = Read(StoreQuery(query), query);
  if (!result.ok()) return Failed(result.status());
  const CallTree tree = TreeOf(result->profile, query, SiblingOrder::kHeavyFirst);
  return Json(SearchJson(Search(tree, FindPath(tree, query.root).node, matcher)));
}

http::Response Routes::TopFunctions(const http::Request& request) const {
  TopQuery query;
  NameMatcher matcher = [](std::string_view) { return true; };
  const std::string match = request.Param("match");
  if (const auto bad = ReadTopQuery(request, now_(), &query)) return Refuse(*bad);
  if (!match.empty()) {
    if (const auto bad = CompileSearch("match", match, &matcher)) return Refuse(*bad);
  }
  const auto result = Read(StoreQuery(query.tree), query.tree);
  if (!result.ok()) return Failed(result.status());
  return Json(
      TopJson(TreeOf(result->profile, query.tree, SiblingOrder::kHeavyFirst), query, matcher));
}

http::Response Routes::CallersAndCallees(const http::Request& request) const {
  SandwichQuery query;
  if (const auto bad = ReadSandwichQuery(request, now_(), &query)) return Refuse(*bad);
  const auto result = Read(StoreQuery(query.tree), query.tree);
  if (!result.ok()) return Failed(result.status());
  return Json(SandwichJson(TreeOf(result->profile, query.tree, query.order), query));
}

http::Response Routes::Timeline(const http::Request& request) const {
  TimelineQuery query;
  if (const auto bad = ReadTimelineQuery(request, now_(), &query)) return Refuse(*bad);
  int64_t step_ns = 0;
  const auto volumes = ReadTimeline(reader_, query, &step_ns);
  if (!volumes.ok()) return Failed(volumes.status());
  return Json(TimelineJson(query, *volumes, step_ns));
}

http::Response Routes::OwnShare(const http::Request& request) const {
  ShareQuery query;
  if (const auto bad = ReadShareQuery(request, now_(), &query)) return Refuse(*bad);
  auto json = ShareJson(reader_, query);
  if (!json.ok()) return Failed(json.status());
  return Json(*std::move(json));
}

http::Response Routes::CallGraphOf(const http::Request& request) const {
  CallGraphQuery query;
  if (const auto bad = ReadCallGraphQuery(request, now_(), &query)) return Refuse(*bad);
  const auto result = Read(StoreQuery(query.tree), query.tree);
  if (!result.ok()) return Failed(result.status());
  return Json(CallGraphJson(TreeOf(result->profile, query.tree, SiblingOrder::kHeavyFirst), query));
}

http::Response Routes::Source(const http::Request& request) const {
  SourceQuery query;
  if (const auto bad = ReadSourceQuery(request, now_(), &query)) return Refuse(*bad);
  const auto result = Read(StoreQuery(query.tree), query.tree);
  if (!result.ok()) return Failed(result.status());
  return Json(SourceJson(result->profile, query, sources_));
}

http::Response Routes::Compare(const http::Request& request) const {
  DiffQuery query;
  if (const auto bad = ReadDiffQuery(request, now_(), &query)) return Refuse(*bad);
  const auto stored = reader_->StoredExtent();
  if (!stored.ok()) return Failed(stored.status());
  DiffAnswer answer;
  answer.query = &query;
  answer.stored = *stored;
  if (const Status status = ReadDiff(reader_, &answer); !status.ok()) return Failed(status);
  return Json(DiffJson(&answer));
}

http::Response Routes::Export(const http::Request& request) const {
  ExportQuery query;
  if (const auto bad = ReadExportQuery(request, now_(), &query)) return Refuse(*bad);
  store::Query labelled = StoreQuery(query.tree);
  labelled.keep_labels = true;
  const auto result = Read(labelled, query.tree);
  if (!result.ok()) return Failed(result.status());
  return ExportFile(result->profile, query);
}

http::Response Routes::LabelValues(const http::Request& request) const {
  Range range;
  if (const auto bad = ReadRange(request, now_(), &range)) return Refuse(*bad);
  const auto series = reader_->Series(range.from.ns, range.until.ns);
  if (!series.ok()) return Failed(series.status());
  return Json(LabelsJson(*series));
}

http::Response Routes::Health(const http::Request&) const {
  return {200, "text/plain; charset=utf-8", "ok", {}};
}

}  // namespace

int64_t SystemNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

http::Handler MakeHandler(store::StoreReader* reader, Clock now, SourceFiles sources) {
  return
      [routes = Routes(reader, std::move(now), std::move(sources))](const http::Request& request) {
        http::Response response = routes.Serve(request);
        response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
        return response;
      };
}

}  // namespace stacksampler::visualizer
