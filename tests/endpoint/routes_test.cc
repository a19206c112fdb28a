// SPDX-License-Identifier: MIT
#include "endpoint/routes.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "endpoint/window_bytes.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"
#include "support/delivered_weight.h"

namespace stacksampler::endpoint {
namespace {

constexpr int kMostParts = 1'000'000;

bool HasSamples(const Sampler& sampler) { return sampler.Stats().recorded_weight > 0; }

[[gnu::noinline]] void BurnCpu(double seconds) {
  const std::clock_t end = std::clock() + static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
  const auto sampler = Sampler::Running();
  volatile uint64_t sink = 0;
  // And until it was sampled: a starved machine may be charged all of that in one piece.
  for (int parts = 0; std::clock() < end || (parts < kMostParts && !HasSamples(*sampler));
       ++parts) {
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

TEST_CASE("Routes: ?limit=N prints the heaviest stacks and the others' sum, and nothing is lost") {
  RunningRoutes running;
  BurnCpu(0.2);
  REQUIRE(running.sampler->Stop().ok());
  const auto limited = running.routes.Answer(Get("/", {{"reset", "1"}, {"limit", "1"}}));
  REQUIRE(limited.status == 200);
  CHECK(std::count(limited.body.begin(), limited.body.end(), '\n') <= 4);
  const int64_t by_reset = DecodeFolded(limited.body).profile.TotalWeight();
  const auto all = running.routes.Answer(Get("/window", {{"reader", "all"}}));
  CHECK(DecodePprof(all.body)->TotalWeight() == by_reset);
}

TEST_CASE("Routes: resets among other requests add up to what a reader sees") {
  RunningRoutes running;
  std::atomic<bool> done{false};
  std::thread onlooker([&] {
    while (!done) {
      static_cast<void>(running.routes.Answer(Get("/")));
      static_cast<void>(running.routes.Answer(Get("/window", {{"reader", "onlooker"}})));
    }
  });
  int64_t by_reset = 0;
  const auto reset = [&] {
    const auto taken = running.routes.Answer(Get("/", {{"reset", "1"}}));
    by_reset += DeliveredWeight(DecodeFolded(taken.body).profile);
  };
  for (int i = 0; i < 20; ++i) {
    BurnCpu(0.01);
    reset();
  }
  REQUIRE(running.sampler->Stop().ok());
  reset();
  done = true;
  onlooker.join();
  CHECK(static_cast<uint64_t>(by_reset) == running.sampler->Stats().delivered_weight);
}

TEST_CASE("Routes: a known parameter with an unknown value is refused by name, and moves nothing") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  const std::string before = running.routes.Answer(Get("/", {{"headers", "false"}})).body;
  CHECK(before.rfind("elapsed", 0) == std::string::npos);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"reset", "yes"}, {"headers", "none"}, {"limit", "0"}, {"limit", "ten"}, {"by", ""}}) {
    std::multimap<std::string, std::string> params = {{name, value}};
    if (name != "reset") params.emplace("reset", "1");
    const auto answer = running.routes.Answer(Get("/", params));
    CHECK(answer.status == 400);
    CHECK(answer.body.rfind(name + ": write ", 0) == 0);
  }
  CHECK(running.routes.Answer(Get("/window", {{"reader", "c"}, {"close", "yes"}})).status == 400);
  // As the original does.
  CHECK(running.routes.Answer(Get("/", {{"colour", "red"}})).status == 200);
  CHECK(running.routes.Answer(Get("/", {{"headers", "0"}})).body == before);
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

TEST_CASE("Routes: sample times come when they are asked for, and what is no bucket is refused") {
  RunningRoutes running;
  const auto ask = [&](const char* times) {
    return running.routes.Answer(Get("/window", {{"reader", "c"}, {"sample_times", times}}));
  };
  for (const char* bad : {"0", "-1", "x", "", "1001"}) CHECK(ask(bad).status == 400);
  CHECK(ask("20").status == 200);
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  const auto window = DecodePprof(ask("20").body);
  REQUIRE(window.ok());
  CHECK_FALSE(window->timeline().empty());
  for (const TimedSample& timed : window->timeline()) CHECK(timed.time_ns % 20'000'000 == 0);
}

TEST_CASE("Routes: a request that comes late or twice moves nothing, and learns the latest turn") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  const auto ask = [&](const char* turn, const std::string& ack = {}) {
    std::multimap<std::string, std::string> params = {{"reader", "c"}, {"turn", turn}};
    if (!ack.empty()) params.emplace("ack", ack);
    return running.routes.Answer(Get("/window", params));
  };
  CHECK(WindowWeight(ask("7")) > 0);
  const auto window = ask("9");
  CHECK(HeaderOf(window, kTurnHeader) == "9");
  for (const char* late : {"9", "8", "1"}) {
    const auto refusal = ask(late);
    CHECK(refusal.status == 409);
    CHECK(HeaderOf(refusal, kTurnHeader) == "9");
    CHECK(HeaderOf(refusal, kWindowHeader) == "");
  }
  // The refused ones offered nothing: what turn 9 was answered is still the last window.
  const std::string ack = running.sampler->instance() + ":" + HeaderOf(window, kWindowHeader);
  CHECK(WindowWeight(ask("10", ack)) == 0);
  for (const char* bad : {"0", "-1", "x", ""}) CHECK(ask(bad).status == 400);
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

TEST_CASE("Routes: a browser that does not tell which page asks resets once it has confirmed") {
  RunningRoutes running;
  BurnCpu(0.1);
  REQUIRE(running.sampler->Stop().ok());
  http::Request reset = Get("/", {{"reset", "true"}});
  reset.headers = {{"user-agent", "Mozilla/5.0 (X11; Linux x86_64)"}, {"accept", "text/html"}};
  const http::Response refused = running.routes.Answer(reset);
  CHECK(refused.status == 403);
  reset.params.emplace("confirm", "0123456789abcdef");
  CHECK(running.routes.Answer(reset).status == 403);
  const std::string way = "open /?reset=true&confirm=";
  const size_t told = refused.body.find(way);
  REQUIRE(told != std::string::npos);
  reset.params.erase("confirm");
  reset.params.emplace("confirm", refused.body.substr(told + way.size(), 16));
  CHECK(running.routes.Answer(reset).status == 200);
  http::Request window = Get("/window", {{"reader", "c"}});
  window.headers = reset.headers;
  CHECK(running.routes.Answer(window).status == 403);
  http::Request text = Get("/");
  text.headers = reset.headers;
  CHECK(running.routes.Answer(text).status == 200);
}

TEST_CASE("Routes: programs that are no browser reset as ever") {
  RunningRoutes running;
  for (const char* agent : {"curl/7.88.1", "Python-urllib/3.11", "python-requests/2.28.1",
                            "Go-http-client/1.1", "Wget/1.21.3"}) {
    http::Request reset = Get("/", {{"reset", "true"}});
    reset.headers = {{"user-agent", agent}, {"accept", "*/*"}};
    CHECK(running.routes.Answer(reset).status == 200);
  }
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

TEST_CASE("Routes: /stats shows each counter of the table, rates and the handler's durations") {
  RunningRoutes running;
  BurnCpu(0.2);
  REQUIRE(running.sampler->Stop().ok());
  const SamplerStats stats = running.sampler->Stats();
  const std::string body = running.routes.Answer(Get("/stats")).body;
  for (const SamplerCounter& counter : kSamplerCounters) {
    CHECK(body.find(std::string(counter.name) + ' ' + std::to_string(stats.*counter.value) +
                    '\n') != std::string::npos);
  }
  CHECK(body.find("\nsignals_per_cpu_second ") != std::string::npos);
  CHECK(body.find("\nweight_per_cpu_second ") != std::string::npos);
  CHECK(body.find("\nhandler_ns_") != std::string::npos);
  uint64_t handlers = 0;
  for (const uint64_t count : stats.handler_times) handlers += count;
  CHECK(handlers == stats.delivered_signals);
  CHECK(stats.sampled_cpu_ns >= 190'000'000);
  CHECK(stats.memory_tables > 0);
  CHECK(stats.memory_call_tree > 0);
}

TEST_CASE("Stats: every counter is explained in the documentation") {
  std::ifstream file(STACKSAMPLER_EMBEDDING_PAGE);
  std::stringstream text;
  text << file.rdbuf();
  for (const SamplerCounter& counter : kSamplerCounters) {
    INFO(counter.name);
    CHECK(text.str().find('`' + std::string(counter.name) + '`') != std::string::npos);
  }
}

TEST_CASE("Routes: /stats names the threads that block SIGPROF") {
  RunningRoutes running;
  std::promise<void> blocked;
  std::promise<void> leave;
  std::thread deaf([&] {
    sigset_t sigprof;
    sigemptyset(&sigprof);
    sigaddset(&sigprof, SIGPROF);
    pthread_sigmask(SIG_BLOCK, &sigprof, nullptr);
    pthread_setname_np(pthread_self(), "deaf one");
    blocked.set_value();
    leave.get_future().wait();
  });
  blocked.get_future().wait();
  const std::string body = running.routes.Answer(Get("/stats")).body;
  leave.set_value();
  deaf.join();
  CHECK(body.find("blocks_sigprof[deaf one] 1\n") != std::string::npos);
  CHECK(body.find("blocks_sigprof[stacksampler]") == std::string::npos);
  CHECK(body.find("threads_that_block_sigprof 1\n") != std::string::npos);
}

TEST_CASE("Routes: ?by=state tells running from waiting in wall-clock mode") {
  SamplerOptions options;
  options.mode = SamplerMode::kWall;
  const auto sampler = *Sampler::Start(options);
  Routes routes(sampler);
  BurnCpu(0.1);
  const std::string body = routes.Answer(Get("/", {{"headers", "0"}, {"by", "state"}})).body;
  CHECK(body.find("running;") != std::string::npos);
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    const std::string state = line.substr(0, line.find(';'));
    CHECK((state == "running" || state == "waiting"));
  }
  CHECK(sampler->Stop().ok());
}

// With `is_timed`, each has a moment of its own.
Profile ManyStacks(int stacks, bool is_timed = false) {
  Profile profile;
  profile.period_ns = 1000;
  const LabelSetId labels = profile.InternLabels({{"thread", "t"}});
  for (int i = 0; i < stacks; ++i) {
    StackId stack = 0;
    for (int depth = 0; depth < 20; ++depth) {
      const int part = i >> (depth / 2);
      stack = profile.InternStack(
          stack, profile.InternFrame("function_" + std::to_string(depth * 1000 + part % 1000)));
    }
    if (is_timed) profile.AddTimedSample({i, stack, labels, i + 1, (i + 1) * 1000});
    if (!is_timed) profile.AddSample(stack, labels, i + 1, (i + 1) * 1000);
  }
  return profile;
}

TEST_CASE("Window: one that is too long with its times goes without them, and folds no stack") {
  const Profile timed = ManyStacks(3000, /*is_timed=*/true);
  const EncodedWindow plain = EncodeWindow(ManyStacks(3000));
  CHECK(EncodeWindow(timed).untimed_weight == 0);
  const EncodedWindow window = EncodeWindow(timed, plain.bytes.size());
  CHECK(window.untimed_weight == timed.TotalWeight());
  CHECK(window.folded_weight == 0);
  const auto decoded = DecodePprof(window.bytes);
  REQUIRE(decoded.ok());
  CHECK(decoded->timeline().empty());
  CHECK(decoded->samples().size() == 3000);
}

TEST_CASE("Window: one that is too long folds its lightest stacks, and keeps its weight") {
  const Profile profile = ManyStacks(3000);
  const EncodedWindow whole = EncodeWindow(profile);
  CHECK(whole.folded_weight == 0);
  for (const size_t max_bytes : {whole.bytes.size() / 2, whole.bytes.size() / 10, size_t{200}}) {
    const EncodedWindow window = EncodeWindow(profile, max_bytes);
    CHECK(window.bytes.size() <= max_bytes);
    CHECK(window.folded_weight > 0);
    const auto decoded = DecodePprof(window.bytes);
    REQUIRE(decoded.ok());
    CHECK(decoded->TotalWeight() == profile.TotalWeight());
    CHECK(decoded->TotalCpuNs() == profile.TotalCpuNs());
    int64_t lightest_kept = INT64_MAX;
    int64_t folded = 0;
    int64_t kept = 0;
    for (const Sample& sample : decoded->samples()) {
      const std::string& leaf = decoded->FrameName(decoded->stacks()[sample.stack].frame);
      if (leaf == "[overflow]") {
        folded += sample.weight;
      } else {
        lightest_kept = std::min(lightest_kept, sample.weight);
        ++kept;
      }
    }
    CHECK(folded == window.folded_weight);
    // The heaviest ones, one by one from the top.
    if (kept > 0) CHECK(lightest_kept == 3000 - kept + 1);
  }
}

}  // namespace
}  // namespace stacksampler::endpoint
