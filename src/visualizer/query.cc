// SPDX-License-Identifier: MIT
#include "visualizer/query.h"

#include <algorithm>
#include <string_view>

#include "visualizer/label_filter.h"
#include "visualizer/parameters.h"

namespace stacksampler::visualizer {
namespace {

/// `prefix` of the parameters' names: "" or "base_".
Refusal CheckOrder(const http::Request& request, const std::string& prefix, int64_t from_ns,
                   int64_t until_ns, const TimeZone& zone) {
  if (from_ns <= until_ns) return {};
  const std::string parameter = prefix + "from";
  const std::string reason = FormatTime(from_ns, zone) + " is later than " + prefix + "until, " +
                             FormatTime(until_ns, zone);
  return BadRequest{parameter, request.Param(parameter), reason, {}, TimeExamples()};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string DecodePercent(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool whole = text[i] == '%' && i + 2 < text.size();
    const int high = whole ? HexDigit(text[i + 1]) : -1;
    const int low = whole ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Refusal ReadBaseRange(const http::Request& request, int64_t now_ns, Range* range) {
  const Clockwork clock = {now_ns, range->zone};
  const auto read = [&](const char* name, TimeEdge edge, Moment* moment) {
    return request.HasParam(name) ? ReadMoment(name, request.Param(name), clock, edge, moment)
                                  : std::nullopt;
  };
  auto bad = read("base_from", TimeEdge::kFrom, &range->from);
  if (!bad) bad = read("base_until", TimeEdge::kUntil, &range->until);
  if (!bad) bad = CheckOrder(request, "base_", range->from.ns, range->until.ns, range->zone);
  return bad;
}

Refusal ReadBase(const http::Request& request, int64_t now_ns, const TreeQuery& current,
                 TreeQuery* base) {
  *base = current;
  bool given = request.HasParam("base_from") || request.HasParam("base_until") ||
               !request.Param("base_shift").empty();
  if (auto bad = ReadBaseFilters(request, &base->filters, &given)) return bad;
  if (auto bad = ReadBaseShift(request, &base->range)) return bad;
  if (given) return ReadBaseRange(request, now_ns, &base->range);
  return BadRequest{
      "base_from", "", "expected what to compare with: another range or label", {}, TimeExamples()};
}

// What varies from interval to interval is what tells a change; a part of a second has no
// intervals.
BadRequest NotCompared(const http::Request& request) {
  const char* reason = "expected none in a comparison: it is of windows, not of parts of them";
  return {"at", request.Param("at"), reason, {}, {""}};
}

}  // namespace

Refusal ReadRange(const http::Request& request, int64_t now_ns, Range* range) {
  const std::string from = ParamOr(request, "from", kDefaultFrom);
  const std::string until = ParamOr(request, "until", kDefaultUntil);
  auto bad = ReadZone(request, &range->zone);
  const Clockwork clock = {now_ns, range->zone};
  if (!bad) bad = ReadMoment("from", from, clock, TimeEdge::kFrom, &range->from);
  if (!bad) bad = ReadMoment("until", until, clock, TimeEdge::kUntil, &range->until);
  if (!bad) bad = CheckOrder(request, "", range->from.ns, range->until.ns, range->zone);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, TreeQuery* query) {
  query->root = DecodePath(request.Param("root"));
  query->by = request.Param("by");
  auto bad = ReadRange(request, now_ns, &query->range);
  if (!bad) bad = ReadFilters(request, &query->filters);
  if (!bad) bad = ReadEdit(request, &query->edit);
  if (!bad) bad = ReadAt(request, {now_ns, query->range.zone}, &query->at);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, FlameQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, SandwichQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  if (!bad) bad = ReadFunction(request, &query->function);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, ShareQuery* query) {
  query->intervals = kDefaultShareIntervals;
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadFunction(request, &query->function);
  if (!bad) bad = ReadIntervals(request, &query->intervals);
  query->intervals = std::min(query->intervals, kMostShareIntervals);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, HeatQuery* query) {
  query->function = request.Param("fn");
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadColumns(request, &query->columns);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, CallGraphQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadGraphNodes(request, &query->most_nodes);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, SourceQuery* query) {
  query->file = request.Param("file");
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadFunction(request, &query->function);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, TopQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadTopOrder(request, &query->order);
  if (!bad) bad = ReadLimit(request, &query->limit);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, TimelineQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadIntervals(request, &query->intervals);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, ExportQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadFormat(request, &query->format);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, DiffQuery* query) {
  auto bad = ReadQuery(request, now_ns, &query->tree);
  if (!bad && query->tree.at) bad = NotCompared(request);
  if (!bad) bad = ReadBase(request, now_ns, query->tree, &query->base);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  if (!bad) bad = ReadLimit(request, &query->limit);
  return bad;
}

Refusal ReadQuery(const http::Request& request, int64_t now_ns, DataQuery* query) {
  Clockwork clock = {now_ns, {}};
  Refusal bad = ReadThreshold(request, &query->threshold);
  if (!bad) bad = ReadZone(request, &clock.zone);
  const auto read = [&](const char* name, TimeEdge edge, int64_t* ns) {
    Moment moment;
    if (bad || !request.HasParam(name)) return;
    bad = ReadMoment(name, request.Param(name), clock, edge, &moment);
    *ns = moment.ns;
  };
  read("from", TimeEdge::kFrom, &query->store.from_ns);
  read("until", TimeEdge::kUntil, &query->store.until_ns);
  if (!bad) {
    bad = CheckOrder(request, "", query->store.from_ns, query->store.until_ns, clock.zone);
  }
  if (!bad) bad = ReadFilters(request, &query->store.matches);
  return bad;
}

store::Query StoreQuery(const TreeQuery& query) {
  return {query.range.from.ns, query.range.until.ns, query.filters, !query.by.empty()};
}

std::vector<std::string> DecodePath(const std::string& path) {
  std::vector<std::string> names;
  if (path.empty()) return names;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(';', begin), path.size());
    names.push_back(DecodePercent(std::string_view(path).substr(begin, end - begin)));
    begin = end + 1;
  }
  return names;
}

}  // namespace stacksampler::visualizer
