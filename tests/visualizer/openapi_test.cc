// SPDX-License-Identifier: MIT
//
// docs/openapi.json against the server that it describes, and against the text beside it.
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.h"
#include "visualizer/assets.h"
#include "visualizer/fixture.h"
#include "visualizer/route_paths.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

std::string DocumentText(const std::string& name) {
  std::ifstream file(std::string(STACKSAMPLER_DOCS) + "/" + name);
  REQUIRE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every (path, operation, parameters without references) of the document.
struct Operation {
  std::string path;
  std::vector<json> parameters;
  json answer;  // schema
};

std::vector<Operation> Operations(const json& document) {
  std::vector<Operation> operations;
  for (const auto& [path, methods] : document["paths"].items()) {
    CHECK(methods.size() == 1);
    Operation operation = {path, {}, methods["get"]["responses"]["200"]["content"].begin().value()};
    operation.answer = operation.answer["schema"];
    for (const json& parameter : methods["get"]["parameters"]) {
      const bool refers = parameter.contains("$ref");
      const std::string to = refers ? parameter["$ref"].get<std::string>() : "";
      operation.parameters.push_back(refers ? document.at(json::json_pointer(to.substr(1)))
                                            : parameter);
    }
    operations.push_back(operation);
  }
  return operations;
}

/// What a question needs at least.
Fixture::Params Needed(const std::string& path) {
  if (path == "/api/v1/search") return {{"q", "main"}};
  if (path == "/api/v1/sandwich" || path == "/api/v1/share" || path == "/api/v1/source") {
    return {{"fn", "main"}};
  }
  if (path == "/api/v1/diff") return {{"base_shift", "range"}};
  if (path == "/api/v1/export") return {{"format", "folded"}};
  return {};
}

int StatusWith(const Fixture& fixture, const std::string& path, const json& name,
               const std::string& value) {
  Fixture::Params params = Needed(path);
  params.erase(name.get<std::string>());
  params.emplace(name, value);
  const http::Response response = fixture.Get(path, params);
  if (response.status == 400) CHECK(json::parse(response.body)["parameter"] == name);
  return response.status;
}

TEST_CASE("OpenAPI: the document is served as it stands in docs") {
  const http::Response response = Fixture().Get("/api/v1/openapi.json");
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json; charset=utf-8");
  CHECK(response.body == DocumentText("openapi.json"));
}

TEST_CASE("OpenAPI: it has every path of the server and no other, and so has api.md") {
  const json document = json::parse(DocumentText("openapi.json"));
  const std::string text = DocumentText("api.md");
  std::set<std::string> documented;
  for (const Operation& operation : Operations(document)) {
    documented.insert(operation.path);
    CHECK(text.find('`' + operation.path + '`') != std::string::npos);
    for (const json& parameter : operation.parameters) {
      INFO(operation.path << ' ' << parameter["name"]);
      CHECK(text.find(parameter["name"].get<std::string>()) != std::string::npos);
    }
  }
  std::set<std::string> served = {"/api/v1/openapi.json"};
  for (const std::string& path : RoutePaths()) served.insert(path);
  CHECK(documented == served);
}

TEST_CASE("OpenAPI: values of a parameter are taken within its bounds and refused beyond") {
  Fixture fixture;
  fixture.AddExample();
  for (const Operation& operation : Operations(json::parse(DocumentText("openapi.json")))) {
    for (const json& parameter : operation.parameters) {
      const json& schema = parameter["schema"];
      const auto status = [&](const std::string& value) {
        return StatusWith(fixture, operation.path, parameter["name"], value);
      };
      INFO(operation.path << ' ' << parameter["name"]);
      if (schema.contains("enum")) {
        for (const json& value : schema["enum"]) CHECK(status(value) == 200);
        CHECK(status("no such value") == 400);
      }
      if (schema.contains("minimum")) {
        CHECK(status(schema["minimum"].dump()) == 200);
        CHECK(status(schema["maximum"].dump()) == 200);
        CHECK(status(std::to_string(schema["minimum"].get<int>() - 1)) == 400);
        CHECK(status(std::to_string(schema["maximum"].get<int>() + 1)) == 400);
      }
      if (parameter.value("required", false)) CHECK(status("") == 400);
    }
  }
}

TEST_CASE("OpenAPI: answers have the members that it promises") {
  Fixture fixture;
  fixture.AddExample();
  for (const Operation& operation : Operations(json::parse(DocumentText("openapi.json")))) {
    if (operation.answer["type"] != "object") continue;
    INFO(operation.path);
    const http::Response response = fixture.Get(operation.path, Needed(operation.path));
    CHECK(response.status == 200);
    const json answer = json::parse(response.body);
    for (const json& member : operation.answer.value("required", json::array())) {
      INFO(member);
      CHECK(answer.contains(member.get<std::string>()));
    }
  }
}

TEST_CASE("ETag: an answer that the client has is not sent again, whatever its path") {
  Fixture fixture;
  fixture.AddExample();
  for (const Operation& operation : Operations(json::parse(DocumentText("openapi.json")))) {
    if (operation.path == "/healthz" || operation.path == "/api/v1/export") continue;
    INFO(operation.path);
    const http::Response first = fixture.Get(operation.path, Needed(operation.path));
    const std::string etag = Header(first, "ETag");
    CHECK(etag.substr(0, 3) == "W/\"");
    for (const std::string& known : {etag, "\"x\", " + etag, std::string("*")}) {
      const http::Response again =
          fixture.Get(operation.path, Needed(operation.path), {{"if-none-match", known}});
      CHECK(again.status == 304);
      CHECK(again.body.empty());
      CHECK(Header(again, "ETag") == etag);
    }
    CHECK(fixture.Get(operation.path, Needed(operation.path), {{"if-none-match", "\"x\""}}).body ==
          first.body);
  }
}

TEST_CASE("ETag: another one when a window came, none for errors and files to save") {
  Fixture fixture;
  fixture.AddExample();
  const Fixture::Params range = {{"from", "2026-11-22T05:00:00Z"},
                                 {"until", "2026-11-22T06:00:00Z"}};
  const std::string before = Header(fixture.Get("/api/v1/flame", range), "ETag");
  fixture.store.Add({}, kNowNs, ProfileOf({{{"late"}, 1, "t"}}));
  CHECK(Header(fixture.Get("/api/v1/flame", range), "ETag") != before);
  const http::Response refused = fixture.Get("/api/v1/flame", {{"from", "x"}});
  CHECK(Header(refused, "ETag").empty());
  CHECK(Header(refused, "Cache-Control") == "no-store");
  const http::Response file = fixture.Get("/api/v1/export", {{"format", "folded"}});
  CHECK(Header(file, "ETag").empty());
}

}  // namespace
}  // namespace stacksampler::visualizer
