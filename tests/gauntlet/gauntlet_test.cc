// SPDX-License-Identifier: MIT
// Our programs as they are run, and everything that strangers do to them. docs/security.md has the
// table that comes out.
#include <sys/wait.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gauntlet/hostile_targets.h"
#include "gauntlet/many_descriptors.h"
#include "gauntlet/running_server.h"
#include "gauntlet/server_attacks.h"
#include "http/hostile_server.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/program.h"

namespace stacksampler {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kMaxGrowthBytes = 8 * kMiB;
constexpr size_t kMaxCollectorBytes = 64 * kMiB;

// What it allocates once is there.
void WarmUp(const RunningServer& server) {
  for (int i = 0; i < 20; ++i) CHECK(IsServed(server.port));
}

std::string Withstand(const RunningServer& server, const Attack& attack) {
  server.program.ResetPeak();
  const size_t before = server.program.ResidentBytes();
  std::string outcome = attack.run(server.port);
  CHECK(server.program.lives());
  CHECK(IsServed(server.port));
  CHECK(server.program.PeakBytes() <= before + kMaxGrowthBytes);
  return outcome;
}

// The lines of docs/security.md between the markers of this name.
std::string DocumentedTable(const std::string& name) {
  std::ifstream file(STACKSAMPLER_SECURITY_PAGE);
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::string begin = "<!-- " + name + " -->\n";
  const size_t at = page.find(begin);
  REQUIRE(at != std::string::npos);
  const size_t from = at + begin.size();
  return page.substr(from, page.find("<!-- end -->", from) - from);
}

void CheckTable(const std::string& name, const std::string& table) {
  const std::string path = STACKSAMPLER_BINARY_DIR "/" + name + ".md";
  std::ofstream(path) << table;
  INFO("what came out is in " << path);
  CHECK(DocumentedTable(name) == table);
}

}  // namespace

TEST_CASE("Gauntlet: endpoint and visualizer live, serve others and grow by no more than 8 MiB") {
  AllowManyDescriptors();
  const store::TempDir dir;
  RunningServer endpoint({STACKSAMPLER_GAUNTLET_SERVICE});
  Program collector({STACKSAMPLER_BIN_DIR "/collector", "--once", "--host", "127.0.0.1", "--ports",
                     std::to_string(endpoint.port), "--dbpath", dir.path("db")});
  CHECK(collector.Wait().status == 0);
  RunningServer visualizer(
      {STACKSAMPLER_BIN_DIR "/visualizer", "--port", "0", "--dbpath", dir.path("db")});
  WarmUp(endpoint);
  WarmUp(visualizer);
  std::string table = "| attack | endpoint | visualizer |\n|---|---|---|\n";
  const std::vector<Attack> attacks = ServerAttacks();
  CHECK(attacks.size() >= 40);
  for (const Attack& attack : attacks) {
    INFO(attack.name);
    table += "| " + attack.name + " | " + Withstand(endpoint, attack) + " | " +
             Withstand(visualizer, attack) + " |\n";
  }
  CheckTable("gauntlet-servers", table);
}

TEST_CASE("Gauntlet: the collector lives, stores the good target and stays below 64 MiB") {
  const store::TempDir dir;
  RunningServer good({STACKSAMPLER_GAUNTLET_SERVICE});
  std::string table = "| target | its window | the other target's |\n|---|---|---|\n";
  const std::vector<HostileTarget> targets = HostileTargets();
  CHECK(targets.size() >= 12);
  for (const HostileTarget& target : targets) {
    INFO(target.name);
    const http::HostileServer hostile(target.talk);
    Program collector({STACKSAMPLER_BIN_DIR "/collector", "--once", "--host", "127.0.0.1",
                       "--ports", std::to_string(hostile.port()) + "," + std::to_string(good.port),
                       "--dbpath", dir.path("db")});
    const std::string summary = collector.ReadLine();
    const Program::End end = collector.Wait();
    CHECK(WIFEXITED(end.status));
    CHECK(end.peak_bytes <= kMaxCollectorBytes);
    INFO(summary);
    const bool one_each = summary.rfind("polled 2 targets: 1 answered, 1 failed", 0) == 0 &&
                          summary.find("stored 1 records") != std::string::npos;
    table += "| " + target.name + (one_each ? " | refused | stored |\n" : " | ? | ? |\n");
  }
  CheckTable("gauntlet-targets", table);
}

}  // namespace stacksampler
