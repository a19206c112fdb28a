// SPDX-License-Identifier: MIT
// A real sampler behind a real endpoint, a real collector with a real store, and between them
// everything that can go wrong with requests and answers. Both ends are killed again and again.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "collector/faulty_proxy.h"
#include "endpoint/routes.h"
#include "http/server.h"
#include "http/test_server.h"
#include "stacksampler/sampler.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/delivered_weight.h"

namespace stacksampler::collector {
namespace {

constexpr size_t kTargets = endpoint::kMaxReaders - 1;  // and one to look on
constexpr uint64_t kSeed = 20240917;
// Of polls; also the time that one may take. As long as this machine needs to answer in time.
constexpr int kShortestIntervalMs = 10;
constexpr int kLongestIntervalMs = 2000;

// One run of the sampled process after the other, each with an instance of its own.
class Endpoint {
 public:
  ~Endpoint() { Kill(); }

  void Start() {
    SamplerOptions options;
    options.interval = std::chrono::milliseconds(1);
    options.drain_interval = std::chrono::milliseconds(10);
    auto sampler = Sampler::Start(options);
    REQUIRE(sampler.ok());
    sampler_ = *sampler;
    routes_ = std::make_unique<endpoint::Routes>(sampler_);
    Restart();
  }
  /// What is being asked and answered breaks off; cursors and samples stay.
  void Restart() {
    server_.reset();
    http::ServerOptions options;
    options.workers = 2;
    auto server = http::Server::Listen(
        options, [this](const http::Request& request) { return routes_->Answer(request); });
    REQUIRE(server.ok());
    server_ = *std::move(server);
    port_ = server_->port();
  }
  /// Works until so much more was sampled.
  void Work(int64_t weight) const {
    volatile uint64_t sink = 0;
    for (const int64_t end = delivered() + weight; delivered() < end;) {
      for (int i = 0; i < 100'000; ++i) sink = sink + static_cast<uint64_t>(i);
    }
  }
  void StopSampling() { REQUIRE(sampler_->Stop().ok()); }
  void Kill() {
    server_.reset();
    routes_.reset();
    sampler_.reset();
  }

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] const Sampler& sampler() const { return *sampler_; }
  /// Windows that are read from now on have higher ids.
  [[nodiscard]] uint64_t NextWindow() const {
    const ReaderId onlooker = sampler_->OpenReader();
    const auto window = sampler_->Read(onlooker);
    sampler_->CloseReader(onlooker);
    REQUIRE(window.ok());
    return window->id;
  }
  /// What the sampler itself has counted.
  [[nodiscard]] int64_t delivered() const {
    return static_cast<int64_t>(sampler_->Stats().delivered_weight);
  }

 private:
  std::shared_ptr<Sampler> sampler_;
  std::unique_ptr<endpoint::Routes> routes_;
  std::unique_ptr<http::Server> server_;
  std::atomic<uint16_t> port_{0};
};

// A collector process, from its start to its SIGKILL.
class Life {
 public:
  Life(const std::string& store, int interval_ms,
       const std::vector<std::unique_ptr<FaultyProxy>>& proxies) {
    std::vector<std::string> args = {STACKSAMPLER_COLLECTOR_LIFE, store,
                                     std::to_string(interval_ms)};
    for (const auto& proxy : proxies) args.push_back(std::to_string(proxy->port()));
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    // Of each target that ceases to answer it would tell.
    if (dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO) >= 0) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life() {
    kill(pid_, SIGKILL);
    int status = 0;
    CHECK(waitpid(pid_, &status, 0) == pid_);
    CHECK(WIFSIGNALED(status));  // else it has ended by itself
  }

 private:
  pid_t pid_ = -1;
};

class Harness {
 public:
  Harness() {
    for (size_t i = 0; i < kTargets; ++i) {
      proxies_.push_back(
          std::make_unique<FaultyProxy>([this] { return endpoint_.port(); }, kSeed + i));
    }
  }

  /// Collectors live and die, and connections break, until there were so many faults in all.
  void RunUntil(uint64_t faults) {
    while (Faults() < faults) {
      const uint64_t before = Acknowledgements();
      LiveOnce();
      const bool is_too_fast = Acknowledgements() == before;
      interval_ms_ = std::clamp(is_too_fast ? interval_ms_ * 2 : interval_ms_ * 9 / 10,
                                kShortestIntervalMs, kLongestIntervalMs);
    }
  }

  /// Until each target has acknowledged a window that was read after the last sample.
  void Drain() {
    const uint64_t last = endpoint_.NextWindow();
    for (const auto& proxy : proxies_) proxy->Expect(endpoint_.sampler().instance(), last);
    for (int interval = interval_ms_; !AllSeen(); interval *= 2) {
      const Life life(store(), std::min(interval, kLongestIntervalMs), proxies_);
      const uint64_t end = Exchanges() + 15 * kTargets;
      http::Await([&] { return AllSeen() || Exchanges() >= end; });
    }
  }

  [[nodiscard]] std::vector<int64_t> StoredWeights() const {
    std::vector<int64_t> weights;
    const auto reader = store::MustRead(store());
    for (const auto& proxy : proxies_) {
      store::Query query;
      query.matches = {{"port", std::to_string(proxy->port())}};
      const auto stored = reader->Merge(query);
      REQUIRE(stored.ok());
      CHECK(stored->warnings.empty());
      weights.push_back(DeliveredWeight(stored->profile));
    }
    return weights;
  }

  [[nodiscard]] FaultCounts Counts() const {
    FaultCounts sum;
    const auto add = [](auto* to, const auto& from) {
      for (size_t i = 0; i < from.size(); ++i) (*to)[i] += from[i];
    };
    for (const auto& proxy : proxies_) {
      const FaultCounts counts = proxy->counts();
      add(&sum.faults, counts.faults);
      add(&sum.cut_requests, counts.cut_requests);
      add(&sum.cut_answers, counts.cut_answers);
    }
    return sum;
  }
  [[nodiscard]] uint64_t Faults() const {
    const auto faults = Counts().faults;
    return std::accumulate(faults.begin() + 1, faults.end(), kills_ + restarts_);
  }
  Endpoint& endpoint() { return endpoint_; }
  [[nodiscard]] uint64_t kills() const { return kills_; }
  [[nodiscard]] uint64_t restarts() const { return restarts_; }

  [[nodiscard]] uint64_t Acknowledgements() const {
    return Sum([](const FaultyProxy& proxy) { return proxy.acknowledgements(); });
  }

 private:
  [[nodiscard]] std::string store() const { return dir_.path("db"); }
  template <typename Count>
  uint64_t Sum(Count count) const {
    uint64_t sum = 0;
    for (const auto& proxy : proxies_) sum += count(*proxy);
    return sum;
  }
  [[nodiscard]] uint64_t Exchanges() const {
    return Sum([](const FaultyProxy& proxy) { return proxy.exchanges(); });
  }
  // One collector; half of the times the endpoint breaks its connections meanwhile.
  void LiveOnce() {
    const Life life(store(), interval_ms_, proxies_);
    ++kills_;
    AwaitExchanges(1 + random_() % 60);
    endpoint_.Work(10);
    if (random_() % 2 == 0) {
      endpoint_.Restart();
      ++restarts_;
    }
    AwaitExchanges(1 + random_() % 60);
  }
  void AwaitExchanges(uint64_t more) const {
    const uint64_t end = Exchanges() + more;
    http::Await([&] { return Exchanges() >= end; });
  }
  [[nodiscard]] bool AllSeen() const {
    return std::all_of(proxies_.begin(), proxies_.end(),
                       [](const auto& proxy) { return proxy->seen(); });
  }

  store::TempDir dir_;
  Endpoint endpoint_;
  std::mt19937_64 random_{kSeed};
  int interval_ms_ = kShortestIntervalMs;
  uint64_t kills_ = 0;
  uint64_t restarts_ = 0;
  std::vector<std::unique_ptr<FaultyProxy>> proxies_;  // the last: they ask the endpoint
};

}  // namespace

TEST_CASE("Windows: ten thousand faults lose no sample and double none, at fifteen readers") {
  constexpr uint64_t kFaultsInAll = 10'000;
  constexpr uint64_t kRuns = 8;
  Harness harness;
  int64_t delivered = 0;
  for (uint64_t run = 1; run <= kRuns; ++run) {
    harness.endpoint().Start();
    harness.RunUntil(kFaultsInAll * run / kRuns);
    harness.endpoint().StopSampling();
    harness.Drain();
    delivered += harness.endpoint().delivered();
    harness.endpoint().Kill();
    REQUIRE(harness.StoredWeights() == std::vector<int64_t>(kTargets, delivered));
  }
  const FaultCounts counts = harness.Counts();
  for (const uint64_t count : counts.faults) CHECK(count >= 500);
  for (const uint64_t count : counts.cut_requests) CHECK(count >= 50);
  for (const uint64_t count : counts.cut_answers) CHECK(count >= 50);
  CHECK(harness.kills() >= 20);
  CHECK(harness.restarts() >= 5);
  CHECK(harness.Acknowledgements() >= 200);
}

TEST_CASE("Windows: a process killed with windows unread loses those alone, and doubles none") {
  Harness harness;
  std::vector<int64_t> before(kTargets, 0);
  for (int run = 0; run < 3; ++run) {
    harness.endpoint().Start();
    harness.RunUntil(harness.Faults() + 100);
    const int64_t acknowledged = harness.endpoint().delivered();
    harness.Drain();
    harness.RunUntil(harness.Faults() + 100);
    harness.endpoint().StopSampling();
    const int64_t delivered = harness.endpoint().delivered();
    harness.endpoint().Kill();
    CHECK(acknowledged > 0);
    const std::vector<int64_t> stored = harness.StoredWeights();
    for (size_t i = 0; i < kTargets; ++i) {
      CHECK(stored[i] - before[i] >= acknowledged);
      CHECK(stored[i] - before[i] <= delivered);
    }
    before = stored;
  }
}

}  // namespace stacksampler::collector
