// SPDX-License-Identifier: MIT
//
// How long a good request takes while strangers attack: each attack is repeated until some hundred
// good requests, from another address, were answered beside it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "gauntlet/many_descriptors.h"
#include "gauntlet/running_server.h"
#include "gauntlet/server_attacks.h"
#include "http/raw_socket.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr size_t kRequests = 300;
constexpr double kMaxP99Ms = 100;
constexpr uint8_t kNeighbour = 2;  // 127.0.0.2: the attackers' address has its own share of places

struct Times {
  double p50 = 0;
  double p99 = 0;
  int unanswered = 0;
};

double GoodRequestMs(uint16_t port, int* unanswered) {
  const auto start = std::chrono::steady_clock::now();
  http::RawSocket socket(port, 0, kNeighbour);
  socket.Send(http::GetRequest("/"));
  if (http::StatusOf(socket.ReceiveAll()) != 200) ++*unanswered;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

Times TimeGoodRequests(uint16_t port) {
  Times times;
  std::vector<double> all(kRequests);
  for (double& each : all) each = GoodRequestMs(port, &times.unanswered);
  std::sort(all.begin(), all.end());
  times.p50 = all[kRequests / 2];
  times.p99 = all[kRequests * 99 / 100];
  return times;
}

// `attack`: nullptr for none.
Times TimeBeside(const Attack* attack, uint16_t port) {
  std::atomic<bool> is_done{false};
  std::thread attacker([&] {
    while (attack != nullptr && !is_done) attack->run(port);
  });
  const Times times = TimeGoodRequests(port);
  is_done = true;
  attacker.join();
  return times;
}

void PrintRow(const std::string& name, const Times& endpoint, const Times& visualizer) {
  std::printf("%-50s%9.1f%9.1f%7d%9.1f%9.1f%7d\n", name.c_str(), endpoint.p50, endpoint.p99,
              endpoint.unanswered, visualizer.p50, visualizer.p99, visualizer.unanswered);
  std::fflush(stdout);
}

}  // namespace

TEST_CASE("Good requests beside each attack") {
  AllowManyDescriptors();
  const store::TempDir dir;
  const RunningServer endpoint({STACKSAMPLER_GAUNTLET_SERVICE});
  Program collector({STACKSAMPLER_BIN_DIR "/collector", "--once", "--host", "127.0.0.1", "--ports",
                     std::to_string(endpoint.port), "--dbpath", dir.path("db")});
  REQUIRE(collector.Wait().status == 0);
  const RunningServer visualizer(
      {STACKSAMPLER_BIN_DIR "/visualizer", "--port", "0", "--dbpath", dir.path("db")});
  std::printf("%-50s%25s%25s\n%-50s%9s%9s%7s%9s%9s%7s\n", "", "endpoint", "visualizer",
              "ms of good requests during", "p50", "p99", "lost", "p50", "p99", "lost");
  PrintRow("no attack", TimeBeside(nullptr, endpoint.port), TimeBeside(nullptr, visualizer.port));
  for (const Attack& attack : ServerAttacks()) {
    const Times of_endpoint = TimeBeside(&attack, endpoint.port);
    const Times of_visualizer = TimeBeside(&attack, visualizer.port);
    PrintRow(attack.name, of_endpoint, of_visualizer);
    CAPTURE(attack.name);
    CHECK(of_endpoint.p99 <= kMaxP99Ms);
    CHECK(of_visualizer.p99 <= kMaxP99Ms);
  }
  CHECK(endpoint.program.lives());
  CHECK(visualizer.program.lives());
}

}  // namespace stacksampler
