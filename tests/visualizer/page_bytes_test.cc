// SPDX-License-Identifier: MIT
//
// What the page costs on the wire, which no machine's load changes.
#include "base/gzip.h"
#include "http/finish.h"
#include "support/catch.h"
#include "visualizer/assets.h"
#include "visualizer/fixture.h"
#include "visualizer/random_tree.h"

namespace stacksampler::visualizer {
namespace {

constexpr size_t kMostPageBytes = 60'000;
constexpr size_t kMostFirstFrameBytes = 180'000;
constexpr size_t kNodes = 1'000'000;

TEST_CASE("Page: all of it is less than 60 KB compressed") {
  size_t bytes = 0;
  for (size_t i = 0; i < kEmbeddedFileCount; ++i) {
    const std::string path = kEmbeddedFiles[i].path;
    if (path.find("/api/") != 0) bytes += kEmbeddedFiles[i].gzip_bytes;
  }
  CHECK(bytes > 0);
  CHECK(bytes <= kMostPageBytes);
}

TEST_CASE("Page: the first frame of a million calls is less than 180 KB on the wire") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, RandomTree(kNodes));
  http::Response frame = fixture.Get("/api/v1/flame");
  http::FinishResponse("gzip", &frame);
  CHECK(LooksGzipped(frame.body));
  CHECK(frame.body.size() <= kMostFirstFrameBytes);
  const auto plain = GzipDecompress(frame.body, size_t{64} << 20);
  REQUIRE(plain.ok());
  const auto answer = nlohmann::json::parse(*plain);
  const auto& nodes = answer["nodes"];
  CHECK(nodes["total"][0] == answer["total"]);
  // Pruned, and not to nothing; what is hidden is accounted for.
  CHECK(nodes["total"].size() > 1000);
  int64_t sum = 0;
  for (size_t i = 0; i < nodes["total"].size(); ++i) {
    sum += nodes["self"][i].get<int64_t>() + nodes["hidden"][i].get<int64_t>();
  }
  CHECK(sum == answer["total"].get<int64_t>());
}

}  // namespace
}  // namespace stacksampler::visualizer
