// SPDX-License-Identifier: MIT
#include "visualizer/routes.h"

#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "http/server_codec.h"
#include "visualizer/answer.h"
#include "visualizer/assets.h"
#include "visualizer/call_graph.h"
#include "visualizer/data_json.h"
#include "visualizer/diff.h"
#include "visualizer/export.h"
#include "visualizer/flame_json.h"
#include "visualizer/heat.h"
#include "visualizer/merged_store.h"
#include "visualizer/nearest.h"
#include "visualizer/query.h"
#include "visualizer/route_paths.h"
#include "visualizer/sandwich.h"
#include "visualizer/search.h"
#include "visualizer/share.h"
#include "visualizer/source_view.h"
#include "visualizer/stack_edit.h"
#include "visualizer/timeline.h"
#include "visualizer/top.h"

namespace stacksampler::visualizer {
namespace {

class Routes {
 public:
  Routes(store::StoreReader* reader, Clock now, SourceFiles sources)
      : store_(std::make_shared<MergedStore>(reader)),
        now_(std::move(now)),
        sources_(std::move(sources)) {}

  http::Response Serve(const http::Request& request) const;

  using Route = http::Response (Routes::*)(const http::Request&) const;

  http::Response Data(const http::Request& request) const;
  http::Response Flame(const http::Request& request) const;
  http::Response FindFrames(const http::Request& request) const;
  http::Response TopFunctions(const http::Request& request) const;
  http::Response CallersAndCallees(const http::Request& request) const;
  http::Response Timeline(const http::Request& request) const;
  http::Response OwnShare(const http::Request& request) const;
  http::Response HeatMap(const http::Request& request) const;
  http::Response CallGraphOf(const http::Request& request) const;
  http::Response Source(const http::Request& request) const;
  http::Response Compare(const http::Request& request) const;
  http::Response Export(const http::Request& request) const;
  http::Response LabelValues(const http::Request& request) const;
  http::Response Health(const http::Request& request) const;

 private:
  std::shared_ptr<MergedStore> store_;  // copies of a handler share it
  Clock now_;
  SourceFiles sources_;
};

// The original had no bound; here an answer is held in memory whole.
BadRequest TooMuchData(const http::Request& request, size_t nodes) {
  return {"threshold",
          request.Param("threshold"),
          "the tree's " + std::to_string(nodes) + " calls do not fit into an answer of " +
              std::to_string(http::kMaxResponseBytes >> 20) +
              " MiB; ask for those above a share of the samples, or for a shorter range",
          {},
          {"0.0001", "0.001"}};
}

/// The store refuses only parts of a range that have too many moments: asked again it would again.
http::Response Unanswered(const http::Request& request, const Status& status) {
  const std::string at = request.Param("at");
  if (at.empty() || status.code() != StatusCode::kInvalidArgument) return Failed(status);
  return Refuse({"at", at, status.message(), {}, {"-60s..-59s"}});
}

// Asked again it would be as many: no failure that passes.
BadRequest TooManyMoments(const HeatQuery& query, const Status& status) {
  return {"from", query.tree.range.from.text, status.message(), {}, {"-15minutes", "-5minutes"}};
}

constexpr std::pair<const char*, Routes::Route> kRoutes[] = {
    {"/data", &Routes::Data},
    {"/api/v1/flame", &Routes::Flame},
    {"/api/v1/search", &Routes::FindFrames},
    {"/api/v1/top", &Routes::TopFunctions},
    {"/api/v1/sandwich", &Routes::CallersAndCallees},
    {"/api/v1/timeline", &Routes::Timeline},
    {"/api/v1/share", &Routes::OwnShare},
    {"/api/v1/heat", &Routes::HeatMap},
    {"/api/v1/callgraph", &Routes::CallGraphOf},
    {"/api/v1/source", &Routes::Source},
    {"/api/v1/diff", &Routes::Compare},
    {"/api/v1/export", &Routes::Export},
    {"/api/v1/labels", &Routes::LabelValues},
    {"/healthz", &Routes::Health},
};

http::Response Routes::Serve(const http::Request& request) const {
  for (const auto& [path, route] : kRoutes) {
    if (request.path == path) return (this->*route)(request);
  }
  if (auto asset = ServeAsset(request)) return *std::move(asset);
  return NotFound(request.path);
}

http::Response Routes::Data(const http::Request& request) const {
  DataQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto result = store_->Merge(query.store);
  if (!result.ok()) return Failed(result.status());
  const StackTree tree((*result)->profile, TreeUnit::kSamples, "");
  const std::vector<CallNode> nodes = DataNodes(tree, query.threshold);
  std::string json;
  bool fits = nodes.size() * kLeastDataBytes <= http::kMaxResponseBytes;
  if (fits) json = DataJson(tree, nodes, (*result)->warnings);
  fits = fits && json.size() <= http::kMaxResponseBytes;
  return fits ? Json(std::move(json)) : Refuse(TooMuchData(request, nodes.size()));
}

http::Response Routes::Flame(const http::Request& request) const {
  FlameQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto stored = store_->StoredExtent();
  if (!stored.ok()) return Failed(stored.status());
  const auto merged = store_->Stacks(query.tree);
  if (!merged.ok()) return Unanswered(request, merged.status());
  const MergedStacks& all = **merged;
  FlameAnswer answer = {&query, &all.tree, *stored, all.records, all.left_out, all.warnings, {}};
  if (all.tree.total() == 0 && !stored->empty && !query.tree.at) {
    const auto nearest = FindNearest(store_.get(), query.tree, *stored);
    if (!nearest.ok()) return Failed(nearest.status());
    answer.nearest = *nearest;
  }
  return Json(FlameJson(answer));
}

http::Response Routes::FindFrames(const http::Request& request) const {
  TreeQuery query;
  NameMatcher matcher;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  if (const auto bad = CompileSearch("q", request.Param("q"), &matcher)) return Refuse(*bad);
  const auto merged = store_->Stacks(query);
  if (!merged.ok()) return Unanswered(request, merged.status());
  const StackTree& tree = (*merged)->tree;
  return Json(SearchJson(Search(tree, tree.Find(query.root), matcher)));
}

http::Response Routes::TopFunctions(const http::Request& request) const {
  TopQuery query;
  NameMatcher matcher = [](std::string_view) { return true; };
  const std::string match = request.Param("match");
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  if (!match.empty()) {
    if (const auto bad = CompileSearch("match", match, &matcher)) return Refuse(*bad);
  }
  const auto merged = store_->Tree(query.tree);
  if (!merged.ok()) return Unanswered(request, merged.status());
  return Json(TopJson(**merged, query, matcher));
}

http::Response Routes::CallersAndCallees(const http::Request& request) const {
  SandwichQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto merged = store_->Tree(query.tree);
  if (!merged.ok()) return Unanswered(request, merged.status());
  return Json(SandwichJson(**merged, query));
}

http::Response Routes::Timeline(const http::Request& request) const {
  TimelineQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  int64_t step_ns = 0;
  const auto volumes = ReadTimeline(store_.get(), query, &step_ns);
  if (!volumes.ok()) return Failed(volumes.status());
  return Json(TimelineJson(query, **volumes, step_ns));
}

http::Response Routes::OwnShare(const http::Request& request) const {
  ShareQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  auto json = ShareJson(store_.get(), query);
  if (!json.ok()) return Failed(json.status());
  return Json(*std::move(json));
}

http::Response Routes::HeatMap(const http::Request& request) const {
  HeatQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto heat = ReadHeat(store_.get(), query);
  if (heat.status().code() == StatusCode::kInvalidArgument) {
    return Refuse(TooManyMoments(query, heat.status()));
  }
  if (!heat.ok()) return Failed(heat.status());
  return Json(HeatJson(query, *heat));
}

http::Response Routes::CallGraphOf(const http::Request& request) const {
  CallGraphQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto merged = store_->Tree(query.tree);
  if (!merged.ok()) return Unanswered(request, merged.status());
  return Json(CallGraphJson(**merged, query));
}

http::Response Routes::Source(const http::Request& request) const {
  SourceQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto samples = store_->Samples(query.tree, false);
  if (!samples.ok()) return Unanswered(request, samples.status());
  EditedProfile edited;
  const Profile& seen = Edited(**samples, query.tree.edit, &edited);
  return Json(SourceJson(seen, query, sources_));
}

http::Response Routes::Compare(const http::Request& request) const {
  DiffQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto stored = store_->StoredExtent();
  if (!stored.ok()) return Failed(stored.status());
  DiffAnswer answer;
  answer.query = &query;
  answer.stored = *stored;
  if (const Status status = ReadDiff(store_.get(), &answer); !status.ok()) return Failed(status);
  return Json(DiffJson(&answer));
}

http::Response Routes::Export(const http::Request& request) const {
  ExportQuery query;
  if (const auto bad = ReadQuery(request, now_(), &query)) return Refuse(*bad);
  const auto samples = store_->Samples(query.tree, true);
  if (!samples.ok()) return Unanswered(request, samples.status());
  EditedProfile edited;
  return ExportFile(Edited(**samples, query.tree.edit, &edited), query);
}

http::Response Routes::LabelValues(const http::Request& request) const {
  Range range;
  if (const auto bad = ReadRange(request, now_(), &range)) return Refuse(*bad);
  const auto series = store_->Series(range.from.ns, range.until.ns);
  if (!series.ok()) return Failed(series.status());
  return Json(LabelsJson(*series));
}

http::Response Routes::Health(const http::Request&) const {
  return {200, "text/plain; charset=utf-8", "ok", {}};
}

}  // namespace

std::vector<std::string> RoutePaths() {
  std::vector<std::string> paths;
  for (const auto& [path, route] : kRoutes) paths.emplace_back(path);
  return paths;
}

int64_t SystemNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

http::Handler MakeHandler(store::StoreReader* reader, Clock now, SourceFiles sources) {
  return
      [routes = Routes(reader, std::move(now), std::move(sources))](const http::Request& request) {
        http::Response response = routes.Serve(request);
        Revalidate(request, &response);
        response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
        return response;
      };
}

}  // namespace stacksampler::visualizer
