// SPDX-License-Identifier: MIT
#include "visualizer/parameters.h"

#include <charconv>
#include <iterator>
#include <optional>

#include "base/zone_names.h"
#include "visualizer/stack_edit.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kMostShiftSeconds = 315'360'000;  // ten years

/// All of `text` as a T; nullopt when there is more or less to it.
template <typename T>
std::optional<T> Number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return {};
  return value;
}

template <typename T>
struct Bounded {
  const char* name;
  const char* what;  // "pixels"
  T least;
  T most;
  const char* example;
};

template <typename T>
Refusal ReadBounded(const http::Request& request, const Bounded<T>& bounded, T* value) {
  if (!request.HasParam(bounded.name)) return {};
  const std::string text = request.Param(bounded.name);
  const std::optional<T> number = Number<T>(text);
  *value = number.value_or(bounded.least);
  if (number && *number >= bounded.least && *number <= bounded.most) return {};
  const std::string bounds = std::to_string(bounded.least) + " and " + std::to_string(bounded.most);
  const std::string expected = std::string("expected ") + bounded.what + " between " + bounds;
  return BadRequest{bounded.name, text, expected, {}, {bounded.example}};
}

BadRequest BadSpan(const std::string& text, std::optional<size_t> position,
                   const std::string& message) {
  return {"at",
          text,
          message,
          position,
          {"2026-11-22T05:39:10.500Z..2026-11-22T05:39:11.240Z", "-20s..-19s"}};
}

}  // namespace

std::vector<std::string> TimeExamples() {
  return {"-15minutes", "2026-11-22T05:00:00Z", "yesterday 14:00", "1700000000"};
}

std::string ParamOr(const http::Request& request, const char* name, const char* fallback) {
  return request.HasParam(name) ? request.Param(name) : fallback;
}

Refusal ReadZone(const http::Request& request, TimeZone* zone) {
  const std::string text = request.Param("tz");
  if (text.empty()) return {};
  auto named = FindTimeZone(text);
  if (named) *zone = *std::move(named);
  if (named) return {};
  const char* reason = "expected a time zone: 'UTC', an offset, or a name of the tz database";
  return BadRequest{"tz", text, reason, {}, {"UTC", "+02:00", "Europe/Berlin"}};
}

Refusal ReadMoment(const std::string& parameter, const std::string& text, const Clockwork& clock,
                   TimeEdge edge, Moment* moment) {
  const TimePhrase phrase = ParseTimePhrase(text, clock.now_ns, edge, clock.zone);
  if (!phrase.ok) {
    return BadRequest{parameter, text, phrase.error, phrase.error_position, TimeExamples()};
  }
  *moment = {text, phrase.ns, phrase.relative};
  return {};
}

Refusal ReadBaseShift(const http::Request& request, Range* range) {
  const std::string text = request.Param("base_shift");
  if (text.empty()) return {};
  if (text == "range") {  // ends are inclusive: no window may be on both sides
    const int64_t length_ns = range->until.ns - range->from.ns;
    range->until = {text, range->from.ns - 1, true};
    range->from = {text, range->from.ns - length_ns, true};
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

Refusal ReadAt(const http::Request& request, const Clockwork& clock, std::optional<Span>* at) {
  const std::string text = request.Param("at");
  if (text.empty()) return {};
  const size_t dots = text.find("..");
  if (dots == std::string::npos) return BadSpan(text, {}, "expected two moments, BEGIN..END");
  const size_t behind = dots + 2;
  const auto parse = [&clock](const std::string& phrase) {
    return ParseTimePhrase(phrase, clock.now_ns, TimeEdge::kFrom, clock.zone);
  };
  const TimePhrase begin = parse(text.substr(0, dots));
  if (!begin.ok) return BadSpan(text, begin.error_position, begin.error);
  const TimePhrase end = parse(text.substr(behind));
  if (!end.ok) return BadSpan(text, behind + end.error_position, end.error);
  if (begin.ns < 0) return BadSpan(text, 0, "expected a moment from 1970 on");
  constexpr int64_t kLeastNs = 1'000'000;
  if (end.ns <= begin.ns || end.ns - begin.ns < kLeastNs) {
    return BadSpan(text, behind, "expected an end at least a millisecond after the begin");
  }
  *at = Span{begin.ns, end.ns};
  return {};
}

Refusal ReadEdit(const http::Request& request, std::string* text) {
  StackEdit edit;
  *text = request.Param("edit");
  return ParseEdit(*text, &edit);
}

Refusal ReadFunction(const http::Request& request, std::string* function) {
  *function = request.Param("fn");
  if (!function->empty()) return {};
  return BadRequest{"fn", "", "expected the name of a function", {}, {"svc::Server::Run"}};
}

Refusal ReadFormat(const http::Request& request, FileFormat* format) {
  const std::string text = request.Param("format");
  const auto named = FileFormatFromName(text);
  *format = named.value_or(FileFormat::kFolded);
  if (named) return {};
  std::vector<std::string> names;
  for (const FileFormat each : kFileFormats) names.emplace_back(FileFormatName(each));
  return BadRequest{"format", text, "expected the name of a format", {}, names};
}

Refusal ReadOrder(const http::Request& request, SiblingOrder* order) {
  const std::string text = ParamOr(request, "order", "heavy");
  *order = text == "name" ? SiblingOrder::kByName : SiblingOrder::kHeavyFirst;
  if (text == "heavy" || text == "name") return {};
  return BadRequest{"order", text, "expected 'heavy' or 'name'", {}, {"heavy", "name"}};
}

Refusal ReadTopOrder(const http::Request& request, TopOrder* order) {
  const std::string text = ParamOr(request, "sort", "self");
  *order = text == "name" ? TopOrder::kName : text == "total" ? TopOrder::kTotal : TopOrder::kSelf;
  if (text == "self" || text == "total" || text == "name") return {};
  return BadRequest{
      "sort", text, "expected 'self', 'total' or 'name'", {}, {"self", "total", "name"}};
}

Refusal ReadThreshold(const http::Request& request, double* threshold) {
  if (!request.HasParam("threshold")) return {};
  const std::string text = request.Param("threshold");
  *threshold = Number<double>(text).value_or(-1);
  if (*threshold >= 0 && *threshold <= 1) return {};  // NaN is neither
  return BadRequest{
      "threshold", text, "expected a fraction of the root between 0 and 1", {}, {"0.01"}};
}

Refusal ReadWidth(const http::Request& request, int* width) {
  return ReadBounded<int>(request, {"width", "pixels", kLeastWidth, kMostWidth, "1600"}, width);
}

Refusal ReadLimit(const http::Request& request, size_t* rows) {
  return ReadBounded<size_t>(request, {"limit", "a number of rows", 1, kMostRows, "200"}, rows);
}

Refusal ReadIntervals(const http::Request& request, int64_t* intervals) {
  return ReadBounded<int64_t>(
      request, {"intervals", "a number of intervals", kLeastIntervals, kMostIntervals, "120"},
      intervals);
}

Refusal ReadColumns(const http::Request& request, int64_t* columns) {
  return ReadBounded<int64_t>(
      request, {"columns", "a number of columns", kLeastColumns, kMostColumns, "300"}, columns);
}

Refusal ReadGraphNodes(const http::Request& request, size_t* nodes) {
  return ReadBounded<size_t>(request, {"nodes", "a number of functions", 1, kMostGraphNodes, "40"},
                             nodes);
}

}  // namespace stacksampler::visualizer
