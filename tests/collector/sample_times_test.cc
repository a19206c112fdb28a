// SPDX-License-Identifier: MIT
//
// Sample times on their whole way: a real sampler behind a real endpoint, collectors that are
// started anew, a store that is sealed.
#include <atomic>
#include <memory>
#include <thread>

#include "collector/collector.h"
#include "endpoint/routes.h"
#include "http/server.h"
#include "stacksampler/pprof.h"
#include "stacksampler/sampler.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/captured_stderr.h"
#include "support/catch.h"
#include "support/delivered_weight.h"

namespace stacksampler::collector {
namespace {

// A sampled process.
class Sampled {
 public:
  Sampled() {
    SamplerOptions options;
    options.interval = std::chrono::milliseconds(1);
    options.drain_interval = std::chrono::milliseconds(10);
    sampler_ = *Sampler::Start(options);
    routes_ = std::make_unique<endpoint::Routes>(sampler_);
    auto server = http::Server::Listen(
        {}, [this](const http::Request& request) { return routes_->Answer(request); });
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  void Work(uint64_t weight) const {
    volatile uint64_t sink = 0;
    for (const uint64_t end = delivered() + weight; delivered() < end;) {
      for (int i = 0; i < 100'000; ++i) sink = sink + static_cast<uint64_t>(i);
    }
  }
  void Stop() { REQUIRE(sampler_->Stop().ok()); }
  [[nodiscard]] uint64_t delivered() const { return sampler_->Stats().delivered_weight; }
  [[nodiscard]] uint64_t recorded() const { return sampler_->Stats().recorded_weight; }
  [[nodiscard]] uint16_t port() const { return server_->port(); }

 private:
  std::shared_ptr<Sampler> sampler_;
  std::unique_ptr<endpoint::Routes> routes_;
  std::unique_ptr<http::Server> server_;
};

CollectorCounters PollOnce(uint16_t port, store::StoreWriter* writer) {
  CollectorOptions options;
  options.sample_times = std::chrono::milliseconds(20);
  Collector collector({{"127.0.0.1", port}}, writer, options);
  CHECK(collector.RunOnce());
  return collector.counters();
}

// A collector's whole life.
void Collect(const std::string& dir, uint16_t port) {
  PollOnce(port, store::MustWrite(dir, {}).get());
}

store::SampleTimes AllTimes(const std::string& dir) {
  store::SampleTimesQuery query;
  query.until_ns = INT64_MAX;
  query.keep_labels = true;
  auto times = store::MustRead(dir)->SampleTimesOf(query);
  REQUIRE(times.ok());
  CHECK(times->warnings.empty());
  return *std::move(times);
}

Profile AllSamples(const std::string& dir) {
  store::Query query;
  query.keep_labels = true;
  auto merged = store::MustRead(dir)->Merge(query);
  REQUIRE(merged.ok());
  return std::move(merged->profile);
}

}  // namespace

TEST_CASE("SampleTimes: all that is sampled after the first window has a time, and has it once") {
  const store::TempDir dir;
  Sampled sampled;
  Collect(dir.path(), sampled.port());
  const int64_t before = AllSamples(dir.path()).TotalWeight();
  for (int life = 0; life < 2; ++life) {
    sampled.Work(60);
    Collect(dir.path(), sampled.port());
  }
  sampled.Stop();
  Collect(dir.path(), sampled.port());

  const Profile all = AllSamples(dir.path());
  const store::SampleTimes times = AllTimes(dir.path());
  CHECK(times.bucket_ns == 20'000'000);
  CHECK(DeliveredWeight(all) == static_cast<int64_t>(sampled.delivered()));
  const auto recorded = static_cast<int64_t>(sampled.recorded());
  CHECK(times.profile.TotalWeight() >= recorded - before);
  CHECK(times.profile.TotalWeight() <= recorded);
  const store::Flat weights = store::Flatten(all);
  for (const auto& [stack, timed] : store::Flatten(times.profile)) {
    INFO(stack);
    REQUIRE(weights.count(stack) == 1);
    CHECK(timed.first <= weights.at(stack).first);
    CHECK(timed.second <= weights.at(stack).second);
  }

  const store::FlatTimes in_journal = store::FlattenTimes(times.profile);
  REQUIRE(store::MustWrite(dir.path(), {})->Seal().ok());
  CHECK((store::FlattenTimes(AllTimes(dir.path()).profile) == in_journal));
}

TEST_CASE("SampleTimes: folded text has none, which is counted and told once, and is stored") {
  http::ServerOptions options;
  auto server = http::Server::Listen(options, [](const http::Request& request) {
    http::Response response;
    response.status = request.path == "/" ? 200 : 404;
    response.body = "elapsed 1\ngranularity 0.005\nmain;work 7\n";
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path(), {});
  const CapturedStderr captured;
  CHECK(PollOnce((*server)->port(), writer.get()).without_times == 1);
  CHECK(captured.Text().find("without their times") != std::string::npos);
  CHECK(store::TotalWeight(dir.path()) == 7);
  CHECK(AllTimes(dir.path()).profile.timeline().empty());
}

TEST_CASE("SampleTimes: a first window without, as every process gives it, is no reason to warn") {
  std::atomic<uint64_t> windows = 0;
  auto server = http::Server::Listen({}, [&](const http::Request& request) {
    const uint64_t id = ++windows;
    const bool is_first = request.Param("ack").empty();
    Profile profile;
    profile.period_ns = 5'000'000;
    profile.end_ns = NowNs();
    profile.start_ns = profile.end_ns - store::kSecond;
    const StackId main = profile.InternStack(0, profile.InternFrame("main"));
    if (is_first) profile.AddSample(main, 0, 3, 15'000'000);
    if (!is_first) profile.AddTimedSample({profile.end_ns - 1, main, 0, 3, 15'000'000});
    http::Response response;
    response.body = EncodePprof(profile);
    response.headers = {{"X-Stacksampler-Instance", "beef"},
                        {"X-Stacksampler-Window", std::to_string(id)}};
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path(), {});
  CollectorOptions options;
  options.sample_times = std::chrono::milliseconds(20);
  options.interval = std::chrono::milliseconds(200);
  const CapturedStderr captured;
  Collector collector({{"127.0.0.1", (*server)->port()}}, writer.get(), options);
  std::thread running([&] { collector.Run(); });
  while (collector.counters().stored < 2) std::this_thread::yield();
  collector.Stop();
  running.join();
  CHECK(collector.counters().without_times == 1);
  CHECK(captured.Text().find("without their times") == std::string::npos);
}

TEST_CASE("SampleTimes: those of a clock that is wrong are moved as their window is") {
  constexpr int64_t kWrongNs = 3600 * store::kSecond;
  Profile profile;
  profile.period_ns = 5'000'000;
  profile.start_ns = kWrongNs;
  profile.end_ns = kWrongNs + 60 * store::kSecond;
  const StackId main = profile.InternStack(0, profile.InternFrame("main"));
  profile.AddTimedSample({kWrongNs + 30 * store::kSecond, main, 0, 3, 15'000'000});
  auto server = http::Server::Listen({}, [&](const http::Request& request) {
    CHECK(request.Param("sample_times") == "20");
    http::Response response;
    response.body = EncodePprof(profile);
    response.headers = {{"X-Stacksampler-Instance", "beef"}, {"X-Stacksampler-Window", "1"}};
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  Collect(dir.path(), (*server)->port());
  const auto extent = store::MustRead(dir.path())->StoredExtent();
  const store::SampleTimes times = AllTimes(dir.path());
  REQUIRE(times.profile.timeline().size() == 1);
  const int64_t from_end = extent->last_ns - times.profile.timeline()[0].time_ns;
  CHECK(from_end >= 30 * store::kSecond);
  CHECK(from_end < 30 * store::kSecond + 20'000'000);
}

TEST_CASE("SampleTimes: of a clock that was set back amid a window, what is outside is counted") {
  auto server = http::Server::Listen({}, [](const http::Request&) {
    Profile profile;
    profile.period_ns = 5'000'000;
    profile.end_ns = NowNs();
    profile.start_ns = profile.end_ns - 60 * store::kSecond;
    const StackId main = profile.InternStack(0, profile.InternFrame("main"));
    profile.AddTimedSample({profile.end_ns - store::kSecond, main, 0, 3, 15'000'000});
    profile.AddTimedSample({profile.end_ns + 3600 * store::kSecond, main, 0, 2, 10'000'000});
    http::Response response;
    response.body = EncodePprof(profile);
    response.headers = {{"X-Stacksampler-Instance", "beef"}, {"X-Stacksampler-Window", "1"}};
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path(), {});
  CHECK(PollOnce((*server)->port(), writer.get()).stray_times_weight == 2);
  CHECK(AllTimes(dir.path()).profile.TotalWeight() == 3);
  CHECK(store::TotalWeight(dir.path()) == 5);
}

TEST_CASE("SampleTimes: an answer that was long on its way leaves them where they are") {
  constexpr int64_t kBucketNs = 20'000'000;
  std::atomic<int64_t> sampled_ns = 0;
  auto server = http::Server::Listen({}, [&](const http::Request&) {
    Profile profile;
    profile.period_ns = 5'000'000;
    profile.end_ns = NowNs();
    profile.start_ns = profile.end_ns - 60 * store::kSecond;
    sampled_ns = profile.end_ns - store::kSecond;
    const StackId main = profile.InternStack(0, profile.InternFrame("main"));
    profile.AddTimedSample({sampled_ns, main, 0, 3, 15'000'000});
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    http::Response response;
    response.body = EncodePprof(profile);
    response.headers = {{"X-Stacksampler-Instance", "beef"}, {"X-Stacksampler-Window", "1"}};
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  Collect(dir.path(), (*server)->port());
  const store::SampleTimes times = AllTimes(dir.path());
  REQUIRE(times.profile.timeline().size() == 1);
  CHECK(times.profile.timeline()[0].time_ns == sampled_ns / kBucketNs * kBucketNs);
}

}  // namespace stacksampler::collector
