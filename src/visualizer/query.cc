// SPDX-License-Identifier: MIT
#include "visualizer/query.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "base/time_phrase.h"
#include "visualizer/label_filter.h"
#include "visualizer/stack_edit.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kMostShiftSeconds = 315'360'000;  // ten years

std::vector<std::string> TimeExamples() {
  return {"-15minutes", "2026-11-22T05:00:00Z", "yesterday 14:00", "1700000000"};
}

/// All of `text` as a T; nullopt when there is more or less to it.
template <typename T>
std::optional<T> Number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return {};
  return value;
}

std::optional<BadRequest> ReadMoment(const std::string& parameter, const std::string& text,
                                     int64_t now_ns, TimeEdge edge, Moment* moment) {
  const TimePhrase phrase = ParseTimePhrase(text, now_ns, edge);
  if (!phrase.ok) {
    return BadRequest{parameter, text, phrase.error, phrase.error_position, TimeExamples()};
  }
  *moment = {text, phrase.ns, phrase.relative};
  return {};
}

std::optional<BadRequest> CheckOrder(const http::Request& request, int64_t from_ns,
                                     int64_t until_ns) {
  if (from_ns <= until_ns) return {};
  return BadRequest{"from",
                    request.Param("from"),
                    FormatTime(from_ns) + " is later than until, " + FormatTime(until_ns),
                    {},
                    TimeExamples()};
}

std::string ParamOr(const http::Request& request, const char* name, const char* fallback) {
  return request.HasParam(name) ? request.Param(name) : fallback;
}

std::optional<BadRequest> ReadEdit(const http::Request& request, std::string* text) {
  StackEdit edit;
  *text = request.Param("edit");
  return ParseEdit(*text, &edit);
}

std::optional<BadRequest> ReadOrder(const http::Request& request, SiblingOrder* order) {
  const std::string text = ParamOr(request, "order", "heavy");
  *order = text == "name" ? SiblingOrder::kByName : SiblingOrder::kHeavyFirst;
  if (text == "heavy" || text == "name") return {};
  return BadRequest{"order", text, "expected 'heavy' or 'name'", {}, {"heavy", "name"}};
}

std::optional<BadRequest> ReadWidth(const http::Request& request, int* width) {
  if (!request.HasParam("width")) return {};
  const std::string text = request.Param("width");
  *width = Number<int>(text).value_or(0);
  if (*width >= kLeastWidth && *width <= kMostWidth) return {};
  return BadRequest{"width", text, "expected pixels between 100 and 10000", {}, {"1600"}};
}

std::optional<BadRequest> ReadTopOrder(const http::Request& request, TopOrder* order) {
  const std::string text = ParamOr(request, "sort", "self");
  *order = text == "name" ? TopOrder::kName : text == "total" ? TopOrder::kTotal : TopOrder::kSelf;
  if (text == "self" || text == "total" || text == "name") return {};
  return BadRequest{
      "sort", text, "expected 'self', 'total' or 'name'", {}, {"self", "total", "name"}};
}

std::optional<BadRequest> ReadLimit(const http::Request& request, size_t* limit) {
  if (!request.HasParam("limit")) return {};
  const std::string text = request.Param("limit");
  *limit = Number<size_t>(text).value_or(0);
  if (*limit >= 1 && *limit <= kMostRows) return {};
  return BadRequest{"limit", text, "expected a number of rows between 1 and 5000", {}, {"200"}};
}

std::optional<BadRequest> ReadIntervals(const http::Request& request, int64_t* intervals) {
  if (!request.HasParam("intervals")) return {};
  const std::string text = request.Param("intervals");
  *intervals = Number<int64_t>(text).value_or(0);
  if (*intervals >= kLeastIntervals && *intervals <= kMostIntervals) return {};
  return BadRequest{
      "intervals", text, "expected a number of intervals between 10 and 1000", {}, {"120"}};
}

std::optional<BadRequest> ReadFormat(const http::Request& request, FileFormat* format) {
  const std::string text = request.Param("format");
  const auto named = FileFormatFromName(text);
  *format = named.value_or(FileFormat::kFolded);
  if (named) return {};
  std::vector<std::string> names;
  for (const FileFormat each : kFileFormats) names.emplace_back(FileFormatName(each));
  return BadRequest{"format", text, "expected the name of a format", {}, names};
}

std::optional<BadRequest> CheckFunction(const std::string& function) {
  if (!function.empty()) return {};
  return BadRequest{"fn", "", "expected the name of a function", {}, {"svc::Server::Run"}};
}

std::optional<BadRequest> ReadThreshold(const http::Request& request, double* threshold) {
  if (!request.HasParam("threshold")) return {};
  const std::string text = request.Param("threshold");
  *threshold = Number<double>(text).value_or(-1);
  if (*threshold >= 0 && *threshold <= 1) return {};  // NaN is neither
  return BadRequest{
      "threshold", text, "expected a fraction of the root between 0 and 1", {}, {"0.01"}};
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

std::optional<BadRequest> ReadBaseRange(const http::Request& request, int64_t now_ns,
                                        Range* range) {
  const auto read = [&](const char* name, TimeEdge edge, Moment* moment) {
    return request.HasParam(name) ? ReadMoment(name, request.Param(name), now_ns, edge, moment)
                                  : std::nullopt;
  };
  auto bad = read("base_from", TimeEdge::kFrom, &range->from);
  if (!bad) bad = read("base_until", TimeEdge::kUntil, &range->until);
  if (bad || range->from.ns <= range->until.ns) return bad;
  const std::string reason = " is later than base_until, ";
  return BadRequest{"base_from",
                    request.Param("base_from"),
                    FormatTime(range->from.ns) + reason + FormatTime(range->until.ns),
                    {},
                    TimeExamples()};
}

std::optional<BadRequest> ReadBaseShift(const http::Request& request, Range* range) {
  const std::string text = request.Param("base_shift");
  if (text.empty()) return {};
  if (text == "range") {  // ends are inclusive: no window may be on both sides
    const int64_t length_ns = range->until.ns - range->from.ns;
    *range = {{text, range->from.ns - length_ns, true}, {text, range->from.ns - 1, true}};
    return {};
  }
  const int64_t seconds = Number<int64_t>(text).value_or(0);
  if (seconds < 1 || seconds > kMostShiftSeconds) {
    const char* reason = "expected 'range' or seconds between 1 and 315360000";
    return BadRequest{"base_shift", text, reason, {}, {"range", "3600", "86400"}};
  }
  for (Moment* moment : {&range->from, &range->until}) {
    *moment = {text, moment->ns - seconds * 1'000'000'000, true};
  }
  return {};
}

std::optional<BadRequest> ReadBase(const http::Request& request, int64_t now_ns,
                                   const TreeQuery& current, TreeQuery* base) {
  *base = current;
  bool given = request.HasParam("base_from") || request.HasParam("base_until") ||
               !request.Param("base_shift").empty();
  if (auto bad = ReadBaseFilters(request, &base->filters, &given)) return bad;
  if (auto bad = ReadBaseShift(request, &base->range)) return bad;
  if (given) return ReadBaseRange(request, now_ns, &base->range);
  return BadRequest{
      "base_from", "", "expected what to compare with: another range or label", {}, TimeExamples()};
}

}  // namespace

std::optional<BadRequest> ReadRange(const http::Request& request, int64_t now_ns, Range* range) {
  const std::string from = ParamOr(request, "from", kDefaultFrom);
  const std::string until = ParamOr(request, "until", kDefaultUntil);
  auto bad = ReadMoment("from", from, now_ns, TimeEdge::kFrom, &range->from);
  if (!bad) bad = ReadMoment("until", until, now_ns, TimeEdge::kUntil, &range->until);
  if (!bad) bad = CheckOrder(request, range->from.ns, range->until.ns);
  return bad;
}

std::optional<BadRequest> ReadTreeQuery(const http::Request& request, int64_t now_ns,
                                        TreeQuery* query) {
  query->root = DecodePath(request.Param("root"));
  query->by = request.Param("by");
  auto bad = ReadRange(request, now_ns, &query->range);
  if (!bad) bad = ReadFilters(request, &query->filters);
  if (!bad) bad = ReadEdit(request, &query->edit);
  return bad;
}

std::optional<BadRequest> ReadFlameQuery(const http::Request& request, int64_t now_ns,
                                         FlameQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  return bad;
}

std::optional<BadRequest> ReadSandwichQuery(const http::Request& request, int64_t now_ns,
                                            SandwichQuery* query) {
  query->function = request.Param("fn");
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  if (!bad) bad = CheckFunction(query->function);
  return bad;
}

std::optional<BadRequest> ReadShareQuery(const http::Request& request, int64_t now_ns,
                                         ShareQuery* query) {
  query->function = request.Param("fn");
  query->intervals = kDefaultShareIntervals;
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = CheckFunction(query->function);
  if (!bad) bad = ReadIntervals(request, &query->intervals);
  query->intervals = std::min(query->intervals, kMostShareIntervals);
  return bad;
}

std::optional<BadRequest> ReadCallGraphQuery(const http::Request& request, int64_t now_ns,
                                             CallGraphQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (bad || !request.HasParam("nodes")) return bad;
  const std::string text = request.Param("nodes");
  query->most_nodes = Number<size_t>(text).value_or(0);
  if (query->most_nodes >= 1 && query->most_nodes <= kMostGraphNodes) return {};
  return BadRequest{"nodes", text, "expected a number of functions between 1 and 200", {}, {"40"}};
}

std::optional<BadRequest> ReadSourceQuery(const http::Request& request, int64_t now_ns,
                                          SourceQuery* query) {
  query->function = request.Param("fn");
  query->file = request.Param("file");
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = CheckFunction(query->function);
  return bad;
}

std::optional<BadRequest> ReadTopQuery(const http::Request& request, int64_t now_ns,
                                       TopQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadTopOrder(request, &query->order);
  if (!bad) bad = ReadLimit(request, &query->limit);
  return bad;
}

std::optional<BadRequest> ReadTimelineQuery(const http::Request& request, int64_t now_ns,
                                            TimelineQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadIntervals(request, &query->intervals);
  return bad;
}

std::optional<BadRequest> ReadExportQuery(const http::Request& request, int64_t now_ns,
                                          ExportQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadFormat(request, &query->format);
  return bad;
}

std::optional<BadRequest> ReadDiffQuery(const http::Request& request, int64_t now_ns,
                                        DiffQuery* query) {
  auto bad = ReadTreeQuery(request, now_ns, &query->tree);
  if (!bad) bad = ReadBase(request, now_ns, query->tree, &query->base);
  if (!bad) bad = ReadOrder(request, &query->order);
  if (!bad) bad = ReadWidth(request, &query->width);
  if (!bad) bad = ReadLimit(request, &query->limit);
  return bad;
}

std::optional<BadRequest> ReadDataQuery(const http::Request& request, int64_t now_ns,
                                        DataQuery* query) {
  std::optional<BadRequest> bad = ReadThreshold(request, &query->threshold);
  const auto read = [&](const char* name, TimeEdge edge, int64_t* ns) {
    Moment moment;
    if (bad || !request.HasParam(name)) return;
    bad = ReadMoment(name, request.Param(name), now_ns, edge, &moment);
    *ns = moment.ns;
  };
  read("from", TimeEdge::kFrom, &query->store.from_ns);
  read("until", TimeEdge::kUntil, &query->store.until_ns);
  if (!bad) bad = CheckOrder(request, query->store.from_ns, query->store.until_ns);
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
