// SPDX-License-Identifier: MIT
#include "visualizer/answer.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/json_writer.h"

namespace stacksampler::visualizer {
namespace {

constexpr const char* kKeptButAskedFor = "private, no-cache";
constexpr const char* kNotKept = "no-store";

std::string ErrorJson(const std::string& message) {
  return JsonWriter().BeginObject().Key("error").String(message).EndObject().Take();
}

}  // namespace

std::string EtagOf(const std::string& hash) { return "W/\"" + hash + '"'; }

bool ClientHas(const http::Request& request, const std::string& etag) {
  const std::string known = request.Header("if-none-match");
  return known == "*" || known.find(etag) != std::string::npos;
}

void Revalidate(const http::Request& request, http::Response* response) {
  const auto is_to_keep = [](const auto& header) { return header.second == kKeptButAskedFor; };
  if (response->status != 200 ||
      std::none_of(response->headers.begin(), response->headers.end(), is_to_keep)) {
    return;
  }
  const XXH128_hash_t hash = XXH3_128bits(response->body.data(), response->body.size());
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  const std::string etag = EtagOf(hex);
  response->headers.emplace_back("ETag", etag);
  if (!ClientHas(request, etag)) return;
  response->status = 304;
  response->body.clear();
}

http::Response Json(std::string body, int status) {
  const char* keeping = status == 200 ? kKeptButAskedFor : kNotKept;
  return {status, "application/json", std::move(body), {{"Cache-Control", keeping}}};
}

http::Response Refuse(const BadRequest& bad) {
  JsonWriter json;
  json.BeginObject().Key("error").String(bad.parameter + ": " + bad.message);
  json.Key("parameter").String(bad.parameter).Key("value").String(bad.value);
  if (bad.position) json.Key("position").Uint(*bad.position);
  json.Key("examples").BeginArray();
  for (const std::string& example : bad.examples) json.String(example);
  return Json(json.EndArray().EndObject().Take(), 400);
}

http::Response NotFound(const std::string& path) {
  return Json(ErrorJson("no such path: " + path + "; the page is at /"), 404);
}

http::Response Failed(const Status& status) {
  const bool may_pass =
      status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kResourceExhausted;
  return Json(ErrorJson(status.message()), may_pass ? 503 : 500);
}

}  // namespace stacksampler::visualizer
