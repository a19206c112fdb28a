// SPDX-License-Identifier: MIT
#include "endpoint/routes.h"

#include <ctime>

#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"

namespace stacksampler::endpoint {
namespace {

[[gnu::noinline]] void BurnCpu(double seconds) {
  const std::clock_t end = std::clock() + static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
  volatile uint64_t sink = 0;
  while (std::clock() < end) {
    for (int i = 0; i < 10000; ++i) sink = sink + static_cast<uint64_t>(i);
  }
}

http::Request Get(const std::string& path, std::multimap<std::string, std::string> params = {}) {
  http::Request request;
  request.method = "GET";
  request.path = path;
  request.params = std::move(params);
  return request;
}

std::string HeaderOf(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

// Without "[unsampled]", which is taken back where a late signal proves it wrong.
int64_t DeliveredWeight(const Profile& profile) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    const FrameId leaf = profile.stacks()[sample.stack].frame;
    if (profile.FrameName(leaf) != "[unsampled]") weight += sample.weight;
  }
  return weight;
}

int64_t WindowWeight(const http::Response& response) {
  REQUIRE(response.status == 200);
  const auto profile = DecodePprof(response.body);
  REQUIRE(profile.ok());
  return DeliveredWeight(*profile);
}

struct RunningRoutes {
  std::shared_ptr<Sampler> sampler = *Sampler::Start();
  Routes routes{sampler};
  ~RunningRoutes() { static_cast<void>(sampler->Stop()); }
};

TEST_CASE("Routes: / prints elapsed, granularity and the stacks, most frequent first") {
  RunningRoutes running;
  BurnCpu(0.3);
  const std::string body = running.routes.Answer(Get("/")).body;
  CHECK(body.rfind("elapsed ", 0) == 0);
  CHECK(body.find("\ngranularity 0.005\n") != std::string::npos);
  CHECK(body.find("BurnCpu") != std::string::npos);
  const FoldedDocument document = DecodeFolded(body);
  CHECK(document.malformed_lines == 0);
  const auto& samples = document.profile.samples();
  REQUIRE(samples.size() > 0);
  for (size_t i = 1; i < samples.size(); ++i) CHECK(samples[i - 1].weight >= samples[i].weight);
}

TEST_CASE(
    "Routes: ?headers=0 leaves pure folded lines, ?by=thread adds the thread's name as root") {
  RunningRoutes running;
  BurnCpu(0.1);
  CHECK(running.routes.Answer(Get("/", {{"headers", "0"}})).body.find("elapsed") ==
        std::string::npos);
  CHECK(running.routes.Answer(Get("/", {{"headers", "0"}, {"by", "thread"}}))
            .body.rfind("endpoint_test;", 0) == 0);
  CHECK(running.routes.Answer(Get("/", {{"by", "color"}})).status == 400);
}

TEST_CASE("Routes: /?names=full prints whole declarations, another value is refused") {
  RunningRoutes running;
  BurnCpu(0.1);
  const std::string shown = running.routes.Answer(Get("/")).body;
  const std::string full = running.routes.Answer(Get("/", {{"names", "full"}})).body;
  CHECK(shown.find("::BurnCpu") != std::string::npos);
  CHECK(shown.find("::BurnCpu(double)") == std::string::npos);
  CHECK(full.find("::BurnCpu(double)") != std::string::npos);
  CHECK(running.routes.Answer(Get("/", {{"names", "short"}})).status == 400);
}

TEST_CASE("Routes: windows taken by reset add up to what a reader sees, none lost, none doubled") {
  RunningRoutes running;
  int64_t by_reset = 0;
  for (int i = 0; i < 20; ++i) {
    BurnCpu(0.02);
    const auto taken = running.routes.Answer(Get("/", {{"reset", i % 2 ? "1" : "true"}}));
    by_reset += DeliveredWeight(DecodeFolded(taken.body).profile);
  }
  REQUIRE(running.sampler->Stop().ok());
  by_reset +=
      DeliveredWeight(DecodeFolded(running.routes.Answer(Get("/", {{"reset", "1"}})).body).profile);
  CHECK(WindowWeight(running.routes.Answer(Get("/window", {{"reader", "all"}}))) == by_reset);
  CHECK(static_cast<uint64_t>(by_reset) == running.sampler->Stats().delivered_weight);
  CHECK(by_reset > 0);
}

TEST_CASE("Routes: an unacknowledged window is offered again, an acknowledged one is not") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  const auto first = running.routes.Answer(Get("/window", {{"reader", "c"}}));
  const int64_t weight = WindowWeight(first);
  CHECK(weight > 0);
  const auto again = running.routes.Answer(Get("/window", {{"reader", "c"}}));
  CHECK(WindowWeight(again) == weight);
  const std::string instance = HeaderOf(again, kInstanceHeader);
  CHECK(instance == running.sampler->instance());
  const std::multimap<std::string, std::string> late = {
      {"reader", "c"}, {"ack", instance + ":" + HeaderOf(first, kWindowHeader)}};
  const auto unmoved = running.routes.Answer(Get("/window", late));
  CHECK(WindowWeight(unmoved) == weight);
  const std::multimap<std::string, std::string> foreign = {
      {"reader", "c"}, {"ack", "0:" + HeaderOf(unmoved, kWindowHeader)}};
  const auto still = running.routes.Answer(Get("/window", foreign));
  CHECK(WindowWeight(still) == weight);
  const std::multimap<std::string, std::string> right = {
      {"reader", "c"}, {"ack", "0:99"}, {"ack", instance + ":" + HeaderOf(still, kWindowHeader)}};
  CHECK(WindowWeight(running.routes.Answer(Get("/window", right))) == 0);
}

TEST_CASE("Routes: a reader whose cursor is gone starts from now, under an id it never stored") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  uint64_t last_id = 0;
  for (const char* close : {"0", "0", "1"}) {
    const auto answer = running.routes.Answer(Get("/window", {{"reader", "c"}, {"close", close}}));
    REQUIRE(answer.status == 200);
    last_id = std::stoull(HeaderOf(answer, kWindowHeader));
  }
  const std::string ack = running.sampler->instance() + ":" + std::to_string(last_id);
  const auto again = running.routes.Answer(Get("/window", {{"reader", "c"}, {"ack", ack}}));
  CHECK(WindowWeight(again) == 0);
  CHECK(std::stoull(HeaderOf(again, kWindowHeader)) > last_id);
}

TEST_CASE("Routes: reader names and their number are bounded") {
  RunningRoutes running;
  for (const std::string& name :
       {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\n")}) {
    CHECK(running.routes.Answer(Get("/window", {{"reader", name}})).status == 400);
  }
  for (size_t i = 0; i < kMaxReaders; ++i) {
    CHECK(running.routes.Answer(Get("/window", {{"reader", "r" + std::to_string(i)}})).status ==
          200);
  }
  CHECK(running.routes.Answer(Get("/window", {{"reader", "one-more"}})).status == 503);
  CHECK(running.routes.Answer(Get("/window", {{"reader", "r0"}, {"ack", "beef"}})).status == 400);
}

TEST_CASE("Routes: a page of another site can neither reset nor read windows") {
  RunningRoutes running;
  http::Request reset = Get("/", {{"reset", "true"}});
  reset.headers = {{"sec-fetch-site", "cross-site"}};
  CHECK(running.routes.Answer(reset).status == 403);
  http::Request window = Get("/window", {{"reader", "c"}});
  window.headers = {{"origin", "http://evil.example"}};
  CHECK(running.routes.Answer(window).status == 403);
  http::Request typed = Get("/", {{"reset", "true"}});
  typed.headers = {{"sec-fetch-site", "none"}};
  CHECK(running.routes.Answer(typed).status == 200);
}

TEST_CASE("Routes: /stats keeps the invariant, an unknown path says what there is") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  const SamplerStats stats = running.sampler->Stats();
  CHECK(stats.delivered_weight == stats.recorded_weight + stats.dropped_ring_full_weight);
  CHECK(stats.delivered_weight > 0);
  const std::string body = running.routes.Answer(Get("/stats")).body;
  CHECK(body.find("delivered_weight " + std::to_string(stats.delivered_weight) + "\n") !=
        std::string::npos);
  CHECK(running.routes.Answer(Get("/admin")).status == 404);
}

}  // namespace
}  // namespace stacksampler::endpoint
