// SPDX-License-Identifier: MIT
// What becomes of our programs, and of a host, where something runs out: an error that says so, or
// the work goes on; never a signal, and nothing wrong in the store.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "hardship/hardship_host.h"
#include "http/raw_socket.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/program.h"

namespace stacksampler {
namespace {

using Command = std::vector<std::string>;

constexpr int kLoaderFailed = 127;

/// Ways to be short of something, the worst first: what stands before a command.
struct Shortage {
  std::string name;
  std::vector<Command> befores;
};

constexpr char kCollector[] = STACKSAMPLER_BIN_DIR "/collector";
constexpr char kVisualizer[] = STACKSAMPLER_BIN_DIR "/visualizer";

std::vector<Shortage> Shortages() {
  std::vector<Shortage> all(4);
  all[0].name = "descriptors";
  for (int most = 4; most <= 24; ++most) {
    all[0].befores.push_back({"/usr/bin/prlimit", "--nofile=" + std::to_string(most)});
  }
  all[1].name = "threads";
  for (int most = 0; most <= 6; ++most) {
    all[1].befores.push_back({"/usr/bin/env", "LD_PRELOAD=" STACKSAMPLER_HARDSHIP,
                              "HARDSHIP_THREADS=" + std::to_string(most)});
  }
  all[2].name = "memory";
  for (int mib = 16; mib <= 160; mib += mib < 40 ? 1 : 10) {
    all[2].befores.push_back({"/usr/bin/prlimit", "--as=" + std::to_string(mib << 20)});
  }
  all[3].name = "disk";  // and room for the errors
  for (const int bytes : {1000, 4096, 10'000, 100'000}) {
    all[3].befores.push_back({"/usr/bin/prlimit", "--fsize=" + std::to_string(bytes)});
  }
  return all;
}

Command Joined(Command before, const Command& command) {
  before.insert(before.end(), command.begin(), command.end());
  return before;
}

// 0, or 1 with an error of one line at least; what the loader says is the loader's.
void CheckEnd(int status, const std::string& errors) {
  INFO(errors);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kLoaderFailed) return;
  CHECK(WEXITSTATUS(status) == 1);
  CHECK_FALSE(errors.empty());
}

void CheckAll(const std::function<void(const Command& before)>& check) {
  for (const Shortage& shortage : Shortages()) {
    for (const Command& before : shortage.befores) {
      INFO(shortage.name << ": " << before.back());
      check(before);
    }
  }
}

// Whether memory lasts until main(): CLI11 makes global objects, and nobody can catch what they
// throw. Where something else is short a program always starts.
bool Starts(const Command& before, const char* program, const std::string& errors) {
  if (before.back().rfind("--as=", 0) != 0) return true;
  Program version(Joined(before, {program, "--version"}), errors);
  return WIFEXITED(version.Wait().status);
}

void Collect(const Command& before, uint16_t port, const std::string& db, const std::string& errors,
             bool must_succeed) {
  if (!Starts(before, kCollector, errors)) return;
  Program collector(Joined(before, {kCollector, "--once", "--host", "127.0.0.1", "--ports",
                                    std::to_string(port), "--dbpath", db}),
                    errors);
  const int status = collector.Wait().status;
  CheckEnd(status, store::ReadFile(errors));
  if (must_succeed) CHECK(status == 0);
}

}  // namespace

TEST_CASE("Shortage: a host works whatever the endpoint is short of when it begins") {
  const store::TempDir dir;
  CheckAll([&](const Command& before) {
    Program host(Joined(before, {STACKSAMPLER_HARDSHIP_HOST}), dir.path("errors"));
    const std::string port = host.ReadLine();
    const std::string errors = store::ReadFile(dir.path("errors"));
    INFO(errors);
    if (port.empty()) {
      const int status = host.Wait().status;
      REQUIRE(WIFEXITED(status));
      REQUIRE(WEXITSTATUS(status) == kLoaderFailed);
      return;
    }
    if (port == "0") CHECK(errors.find("stacksampler: ") == 0);
    host.Signal(SIGUSR1);
    CHECK(host.ReadLine() == "1");
  });
}

TEST_CASE("Shortage: a host works while its endpoint has no memory or descriptor to answer with") {
  for (const char* mib : {"0", "2", "8", "-"}) {
    for (const char* descriptors : {"0", "1", "-"}) {
      INFO(mib << " MiB, " << descriptors << " descriptors");
      HardshipHost host({STACKSAMPLER_HARDSHIP_HOST, mib, descriptors});
      for (const char* target : {"/", "/window?reader=r", "/stats", "/?reset=1"}) {
        http::RawSocket peer(host.port);
        peer.Send(http::GetRequest(target));
        if (*mib == '-' && *descriptors != '0') CHECK(http::StatusOf(peer.ReceiveAll()) == 200);
        host.Work();
      }
    }
  }
}

TEST_CASE("Shortage: a collector ends with an error, and the next one stores what it did not") {
  const store::TempDir dir;
  const std::string db = dir.path("db");
  HardshipHost host({STACKSAMPLER_HARDSHIP_HOST});
  CheckAll([&](const Command& before) {
    host.Work();
    Collect(before, host.port, db, dir.path("errors"), false);
    Collect({"/usr/bin/env"}, host.port, db, dir.path("errors"), true);
    Program check({kCollector, "check", db});
    CHECK(check.Wait().status == 0);
  });
  CHECK(StoredWeight(db) == host.Delivered());
}

TEST_CASE("Shortage: a collector that goes on polling ends in order, and what it left is stored") {
  const store::TempDir dir;
  const std::string db = dir.path("db");
  const std::string errors = dir.path("errors");
  HardshipHost host({STACKSAMPLER_HARDSHIP_HOST});
  // Every third: it takes as long as some polls do.
  CheckAll([&, place = 0](const Command& before) mutable {
    if (place++ % 3 != 0) return;
    if (!Starts(before, kCollector, errors)) return;
    store::WriteFile(errors, "");
    Program collector(Joined(before, {kCollector, "--interval", "0.1", "--host", "127.0.0.1",
                                      "--ports", std::to_string(host.port), "--dbpath", db}),
                      errors);
    // From its first line on it can be asked to end.
    while (collector.lives() && store::ReadFile(errors).empty()) usleep(10'000);
    host.Work();
    usleep(250'000);  // polls, or tries to; how many does not matter
    if (collector.lives()) collector.Signal(SIGTERM);
    CheckEnd(collector.Wait().status, store::ReadFile(errors));
    Collect({"/usr/bin/env"}, host.port, db, errors, true);
  });
  Program check({kCollector, "check", db});
  CHECK(check.Wait().status == 0);
  CHECK(StoredWeight(db) == host.Delivered());
}

TEST_CASE("Shortage: a visualizer answers, or ends with an error") {
  const store::TempDir dir;
  HardshipHost host({STACKSAMPLER_HARDSHIP_HOST});
  host.Work();
  Collect({"/usr/bin/env"}, host.port, dir.path("db"), dir.path("errors"), true);
  CheckAll([&](const Command& before) {
    if (!Starts(before, kVisualizer, dir.path("errors"))) return;
    Program visualizer(Joined(before, {kVisualizer, "--port", "0", "--dbpath", dir.path("db")}),
                       dir.path("errors"));
    const std::string url = visualizer.ReadLine();
    if (url.empty()) return CheckEnd(visualizer.Wait().status, store::ReadFile(dir.path("errors")));
    const auto port = static_cast<uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
    for (const char* target : {"/data", "/api/v1/flame", "/"}) {
      http::RawSocket peer(port);
      peer.Send(http::GetRequest(target));
    }
    visualizer.Signal(SIGTERM);
    CHECK(visualizer.Wait().status == 0);
  });
}

}  // namespace stacksampler
