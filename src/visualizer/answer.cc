// SPDX-License-Identifier: MIT
#include "visualizer/answer.h"

#include <utility>

#include "base/json_writer.h"

namespace stacksampler::visualizer {
namespace {

std::string ErrorJson(const std::string& message) {
  return JsonWriter().BeginObject().Key("error").String(message).EndObject().Take();
}

}  // namespace

http::Response Json(std::string body, int status) {
  return {status, "application/json", std::move(body), {{"Cache-Control", "no-store"}}};
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
