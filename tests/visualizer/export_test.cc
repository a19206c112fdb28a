// SPDX-License-Identifier: MIT
#include "visualizer/export.h"

#include "base/gzip.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

std::string Disposition(const http::Response& response) {
  for (const auto& [key, value] : response.headers) {
    if (key == "Content-Disposition") return value;
  }
  return {};
}

TEST_CASE("Export: folded stacks of the range, below the zoom, under the filters") {
  Fixture fixture;
  fixture.AddExample();
  const auto folded = [&fixture](Fixture::Params params) {
    params.emplace("format", "folded");
    return fixture.Get("/api/v1/export", std::move(params)).body;
  };
  CHECK(folded({{"host", "web-1"}}) == "main;serve;parse 6\nmain;idle 1\n");
  CHECK(folded({{"root", "main;serve"}, {"from", "-2min"}}) == "main;serve 2\nmain;serve;send 1\n");
  CHECK(folded({{"by", "host"}, {"root", "web-2;main"}}) ==
        "web-2;main;serve 2\nweb-2;main;serve;send 1\n");
  CHECK(folded({{"root", "gone"}}).empty());
}

TEST_CASE("Export: pprof keeps weights, CPU time and labels") {
  Fixture fixture;
  fixture.AddExample();
  const http::Response response = fixture.Get("/api/v1/export", {{"format", "pprof"}});
  CHECK(Disposition(response) == "attachment; filename=\"profile-20261122T052500Z.pb.gz\"");
  const auto raw = GzipDecompress(response.body, 1 << 20);
  REQUIRE(raw.ok());
  const auto profile = DecodePprof(*raw);
  REQUIRE(profile.ok());
  CHECK(profile->TotalWeight() == 10);
  CHECK(profile->TotalCpuNs() == 10 * kPeriodNs);
  CHECK(profile->label_sets()[profile->samples().front().labels].size() == 3);
}

TEST_CASE("Export: cpuprofile is DevTools' flat form") {
  Fixture fixture;
  fixture.AddExample();
  const http::Response response = fixture.Get("/api/v1/export", {{"format", "cpuprofile"}});
  CHECK(response.content_type == "application/json");
  const json profile = json::parse(response.body);
  CHECK(profile["nodes"].size() == 6);
  CHECK(profile["samples"].size() == profile["timeDeltas"].size());
}

TEST_CASE("Export: every format is a file with its extension, of what lies below the zoom") {
  Fixture fixture;
  fixture.AddExample();
  const std::pair<const char*, const char*> formats[] = {{"speedscope", ".speedscope.json"},
                                                         {"callgrind", ".callgrind"},
                                                         {"dot", ".dot"},
                                                         {"svg", ".svg"}};
  for (const auto& [format, extension] : formats) {
    INFO(format);
    const http::Response response =
        fixture.Get("/api/v1/export", {{"format", format}, {"root", "main;serve"}});
    CHECK(response.status == 200);
    CHECK(Disposition(response).find("Z" + std::string(extension) + '"') != std::string::npos);
    CHECK(response.body.find("parse") != std::string::npos);
    CHECK(response.body.find("idle") == std::string::npos);
  }
  CHECK(fixture.Get("/api/v1/export", {{"format", "svg"}}).content_type == "image/svg+xml");
  const std::string grouped =
      fixture.Get("/api/v1/export", {{"format", "svg"}, {"by", "host"}}).body;
  CHECK(grouped.find("web-1") != std::string::npos);
}

TEST_CASE("Export: a format that is none is refused with those that are") {
  const Fixture fixture;
  for (const char* format : {"", "png", "Folded"}) {
    const http::Response response = fixture.Get("/api/v1/export", {{"format", format}});
    CHECK(response.status == 400);
    const json bad = json::parse(response.body);
    CHECK(bad["parameter"] == "format");
    CHECK(bad["examples"] ==
          json({"folded", "pprof", "cpuprofile", "speedscope", "callgrind", "dot", "svg"}));
  }
  CHECK(fixture.Get("/api/v1/export").status == 400);
}

}  // namespace
}  // namespace stacksampler::visualizer
