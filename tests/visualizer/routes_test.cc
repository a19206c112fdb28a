// SPDX-License-Identifier: MIT
#include "visualizer/routes.h"

#include <map>

#include "base/gzip.h"
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Routes: a time that is none is refused with its place and examples") {
  const Fixture fixture;
  for (const char* path : {"/api/v1/flame", "/api/v1/search", "/api/v1/top", "/api/v1/sandwich",
                           "/api/v1/labels", "/data"}) {
    INFO(path);
    const http::Response response =
        fixture.Get(path, {{"from", "-15foo"}, {"q", "a"}, {"fn", "f"}});
    CHECK(response.status == 400);
    CHECK(response.content_type == "application/json");
    CHECK(json::parse(response.body) ==
          json::parse(R"({"error": "from: expected a unit such as 'minutes'", "parameter": "from",
                          "value": "-15foo", "position": 3, "examples": ["-15minutes",
                          "2026-11-22T05:00:00Z", "yesterday 14:00", "1700000000"]})"));
    CHECK(fixture.Get(path, {{"until", "soon"}, {"q", "a"}, {"fn", "f"}}).status == 400);
    CHECK(fixture.Get(path, {{"from", ""}, {"q", "a"}, {"fn", "f"}}).status == 400);
  }
}

TEST_CASE("Routes: a range that ends before it begins is refused, not turned round") {
  const Fixture fixture;
  for (const char* path : {"/api/v1/flame", "/api/v1/search", "/api/v1/top", "/api/v1/sandwich",
                           "/api/v1/labels", "/data"}) {
    const http::Response response =
        fixture.Get(path, {{"from", "now"}, {"until", "-1h"}, {"q", "a"}, {"fn", "f"}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["error"] ==
          "from: 2026-11-22T05:40:00Z is later than until, 2026-11-22T04:40:00Z");
  }
}

TEST_CASE("Routes: parameters out of bounds are refused by name") {
  const Fixture fixture;
  const std::pair<std::string, std::string> bad[] = {
      {"width", "99"}, {"width", "10001"}, {"width", "wide"}, {"width", ""}, {"width", "1e3"},
      {"order", "x"},  {"order", ""},      {"where", "name"}, {"edit", "x"},
  };
  for (const auto& [name, value] : bad) {
    INFO(name + '=' + value);
    const http::Response response = fixture.Get("/api/v1/flame", {{name, value}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == name);
    CHECK_FALSE(json::parse(response.body)["examples"].empty());
  }
  for (const char* width : {"100", "10000"}) {
    CHECK(fixture.Get("/api/v1/flame", {{"width", width}}).status == 200);
  }
}

TEST_CASE("Routes: a refusal quotes what it was given without letting it out of its string") {
  const std::string body =
      Fixture().Get("/api/v1/flame", {{"from", "<img onerror=alert(1)>\"\xff"}}).body;
  CHECK(body.find('<') == std::string::npos);
  CHECK(json::parse(body)["value"] == "<img onerror=alert(1)>\"\xef\xbf\xbd");
}

TEST_CASE("Routes: distinct label values, host, port and thread always") {
  Fixture fixture;
  CHECK(fixture.GetJson("/api/v1/labels") ==
        json::parse(R"({"labels": {"host": [], "port": [], "thread": []}})"));
  fixture.AddExample();
  CHECK(fixture.GetJson("/api/v1/labels") ==
        json::parse(R"({"labels": {"host": ["web-1", "web-2"], "port": ["16384", "16385"],
                                   "thread": ["main", "worker"]}})"));
  CHECK(fixture.GetJson("/api/v1/labels", {{"from", "-2min"}})["labels"]["host"] ==
        json({"web-2"}));
}

TEST_CASE("Routes: what the store warns of shows beside the labels and the stored extent") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.warnings = {"h-1.gdbm is damaged"};
  const json expected = {"h-1.gdbm is damaged"};
  CHECK(fixture.GetJson("/api/v1/labels")["warnings"] == expected);
  CHECK(fixture.GetJson("/api/v1/flame")["stored"]["warnings"] == expected);
}

TEST_CASE("Routes: an unknown path is 404 in JSON") {
  const Fixture fixture;
  for (const char* path : {"/nothing", "/api/v1/", "/api/v1/flame/", "//", "/../etc/passwd", ""}) {
    INFO(path);
    const http::Response response = fixture.Get(path);
    CHECK(response.status == 404);
    CHECK(json::parse(response.body)["error"].get<std::string>().find(path) != std::string::npos);
  }
}

TEST_CASE("Routes: a store that fails is named, 503 where trying again may help") {
  Fixture fixture;
  const std::map<StatusCode, int> expected = {{StatusCode::kDataLoss, 500},
                                              {StatusCode::kInternal, 500},
                                              {StatusCode::kUnavailable, 503},
                                              {StatusCode::kResourceExhausted, 503}};
  for (const auto& [code, status] : expected) {
    fixture.store.failure = Status(code, "open /db: no");
    for (const char* path : {"/api/v1/flame", "/api/v1/search", "/api/v1/top", "/api/v1/sandwich",
                             "/api/v1/labels", "/data"}) {
      const http::Response response = fixture.Get(path, {{"q", "a"}, {"fn", "f"}});
      CHECK(response.status == status);
      CHECK(json::parse(response.body)["error"] == "open /db: no");
    }
  }
}

TEST_CASE(
    "Routes: answers are kept by nobody but the browser that asked, and carry the page's policy") {
  const Fixture fixture;
  CHECK(Header(fixture.Get("/api/v1/flame"), "Cache-Control") == "private, no-cache");
  for (const char* path : {"/", "/data", "/nothing", "/healthz"}) {
    CHECK(Header(fixture.Get(path), "Content-Security-Policy") ==
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
          "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'");
  }
}

TEST_CASE("Routes: health is a word") { CHECK(Fixture().Get("/healthz").body == "ok"); }

TEST_CASE("Routes: the page's files come compressed or plain, the same content") {
  const Fixture fixture;
  const std::pair<const char*, const char*> files[] = {
      {"/", "text/html; charset=utf-8"},
      {"/assets/app.js", "text/javascript; charset=utf-8"},
      {"/assets/style.css", "text/css; charset=utf-8"}};
  for (const auto& [path, type] : files) {
    INFO(path);
    const http::Response plain = fixture.Get(path);
    const http::Response packed = fixture.Get(path, {}, {{"accept-encoding", "gzip, br"}});
    CHECK(plain.status == 200);
    CHECK(plain.content_type == type);
    CHECK(plain.body.size() > 500);
    CHECK(Header(plain, "Content-Encoding") == "");
    CHECK(Header(packed, "Content-Encoding") == "gzip");
    CHECK(packed.body.size() < plain.body.size());
    CHECK(*GzipDecompress(packed.body, 1 << 20) == plain.body);
  }
}

TEST_CASE("Routes: a file that the browser has is not sent again") {
  const Fixture fixture;
  const std::string etag = Header(fixture.Get("/assets/app.js"), "ETag");
  REQUIRE(etag.size() > 10);
  CHECK(etag != Header(fixture.Get("/assets/style.css"), "ETag"));
  const http::Response again =
      fixture.Get("/assets/app.js", {}, {{"if-none-match", "\"x\", " + etag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(Header(again, "ETag") == etag);
  CHECK(fixture.Get("/assets/app.js", {}, {{"if-none-match", "\"x\""}}).status == 200);
}

}  // namespace
}  // namespace stacksampler::visualizer
