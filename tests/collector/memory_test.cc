// SPDX-License-Identifier: MIT
//
// What the collector's program needs of memory for many processes: one server answers for all of
// them, each an address of the loopback network, with windows of 2,000 stacks of about 31 frames.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "generator.h"
#include "http/server.h"
#include "http/test_server.h"
#include "stacksampler/pprof.h"
#include "store/check.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/program.h"

namespace stacksampler::collector {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;
// Seconds; an answer may take so long as well. What comes later is polled anew instead of stored.
constexpr const char* kInterval = "3";

class Processes {
 public:
  Processes() {
    constexpr size_t kDocuments = 64;
    bench::Generator generator;
    for (size_t i = 0; i < kDocuments; ++i) {
      Profile profile = generator.ProfileOf(generator.Draw(i));
      profile.start_ns = store::kNoon;
      profile.end_ns = store::kNoon + 60 * store::kSecond;
      documents_.push_back(EncodePprof(profile));
    }
    http::ServerOptions options = http::PatientOptions();
    options.host = "0.0.0.0";
    options.max_connections_per_address = options.max_connections;
    auto server = http::Server::Listen(
        options, [this](const http::Request& request) { return Answer(request); });
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  [[nodiscard]] uint16_t port() const { return server_->port(); }
  [[nodiscard]] uint64_t answered() const { return answered_; }

 private:
  http::Response Answer(const http::Request& request) {
    const uint64_t number = answered_++;
    http::Response response;
    response.body = documents_[number % documents_.size()];
    // 127.0.3.17:8080 is instance 127.0.3.17 without the dots.
    std::string instance;
    for (const char c : request.Header("host")) {
      if (c == ':') break;
      if (c != '.') instance += c;
    }
    response.headers = {{"X-Stacksampler-Instance", instance},
                        {"X-Stacksampler-Window", std::to_string(number + 1)}};
    return response;
  }

  std::vector<std::string> documents_;
  std::atomic<uint64_t> answered_{0};
  std::unique_ptr<http::Server> server_;
};

struct Collected {
  size_t peak_bytes = 0;
  size_t extra_arenas = 0;
  store::CheckReport store;
};

// Polls `count` processes until there were so many answers.
Collected Collect(size_t count, uint64_t answers) {
  const Processes processes;
  const store::TempDir dir;
  std::vector<std::string> args = {STACKSAMPLER_BIN_DIR "/collector",
                                   "--interval",
                                   kInterval,
                                   "--dbpath",
                                   dir.path("db"),
                                   "--ports",
                                   std::to_string(processes.port())};
  for (size_t i = 0; i < count; ++i) {
    args.push_back("--host");
    args.push_back("127.1." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250));
  }
  Program collector(args);
  while (collector.lives() && processes.answered() < answers) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  REQUIRE(collector.lives());
  Collected collected;
  collected.peak_bytes = collector.PeakBytes();
  collected.extra_arenas = collector.ExtraArenas();
  collector.Signal(SIGTERM);
  CHECK(collector.Wait().status == 0);
  const auto report = store::CheckStore(dir.path("db"));
  REQUIRE(report.ok());
  CHECK(report->problems.empty());
  collected.store = *report;
  return collected;
}

}  // namespace

TEST_CASE("Collector: a hundred processes cost it less than 64 MB, in one arena for all threads") {
  const Collected collected = Collect(100, 800);
  CHECK(collected.extra_arenas == 0);
  CHECK(collected.store.records > 300);
  INFO(collected.peak_bytes);
  CHECK(collected.peak_bytes < 64 * kMegabyte);
}

// So many windows that the journal is full, and sealed, while it goes on.
TEST_CASE("Collector: memory for many processes", "[.bench]") {
  for (const size_t count : {size_t{100}, size_t{1000}}) {
    const Collected collected = Collect(count, 12'000);
    std::printf(
        "%5zu processes: at most %.1f MB resident; %llu windows stored, %llu files sealed\n", count,
        static_cast<double>(collected.peak_bytes) / kMegabyte,
        static_cast<unsigned long long>(collected.store.records),
        static_cast<unsigned long long>(collected.store.segments));
    CHECK(collected.peak_bytes < (count == 100 ? 64 : 256) * kMegabyte);
  }
}

}  // namespace stacksampler::collector
