// SPDX-License-Identifier: MIT
// Endpoint, collector, store and visualizer as they are run, on a clock that is set forth and back.
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <string>
#include <vector>

#include "gauntlet/running_server.h"
#include "hardship/hardship_host.h"
#include "http/raw_socket.h"
#include "stacksampler/folded.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/delivered_weight.h"
#include "support/program.h"

namespace stacksampler {
namespace {

/// A clock for programs that are started under it.
class SetClock {
 public:
  explicit SetClock(std::string file) : file_(std::move(file)) {}

  void Set(const char* moment) const {
    std::tm parts{};
    REQUIRE(strptime(moment, "%Y-%m-%dT%H:%M:%SZ", &parts) != nullptr);
    store::WriteFile(file_, std::to_string(timegm(&parts) - std::time(nullptr)) + "\n");
  }
  [[nodiscard]] std::vector<std::string> Under(const std::vector<std::string>& command) const {
    // Summer time from the last Sunday of March to that of October, without a zone's file.
    std::vector<std::string> under = {"/usr/bin/env", "TZ=CET-1CEST,M3.5.0,M10.5.0/3",
                                      "LD_PRELOAD=" STACKSAMPLER_HARDSHIP,
                                      "HARDSHIP_CLOCK=" + file_};
    under.insert(under.end(), command.begin(), command.end());
    return under;
  }

 private:
  std::string file_;
};

struct Services {
  explicit Services(const SetClock& set_clock, std::string db_path)
      : clock(set_clock), db(std::move(db_path)), host(clock.Under({STACKSAMPLER_HARDSHIP_HOST})) {}

  [[nodiscard]] std::vector<std::string> Collector(const std::vector<std::string>& how) const {
    std::vector<std::string> command = {STACKSAMPLER_BIN_DIR "/collector",
                                        "--host",
                                        "127.0.0.1",
                                        "--ports",
                                        std::to_string(host.port),
                                        "--dbpath",
                                        db,
                                        "--keep",
                                        "0",
                                        "--keep-days",
                                        "0"};
    command.insert(command.end(), how.begin(), how.end());
    return clock.Under(command);
  }
  void Collect() const {
    Program collector(Collector({"--once"}));
    REQUIRE(collector.Wait().status == 0);
  }

  const SetClock& clock;
  const std::string db;
  HardshipHost host;
};

int64_t Stored(uint16_t port, const std::string& from, const std::string& until) {
  const std::string answer = http::Ask(
      port, http::GetRequest("/api/v1/export?format=folded&from=" + from + "&until=" + until));
  REQUIRE(http::StatusOf(answer) == 200);
  return DeliveredWeight(DecodeFolded(http::BodyOf(answer)).profile);
}

}  // namespace

TEST_CASE("Clock: set by an hour, over summer time, 2038 and 2106, no window is lost or doubled") {
  const store::TempDir dir;
  const SetClock clock(dir.path("clock"));
  clock.Set("2026-10-24T12:00:00Z");
  Services services(clock, dir.path("db"));
  services.Collect();
  const RunningServer visualizer(
      clock.Under({STACKSAMPLER_BIN_DIR "/visualizer", "--port", "0", "--dbpath", services.db}));
  for (const char* moment :
       {"2026-10-24T13:00:00Z", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z", "2027-03-28T01:30:00Z", "2038-01-19T03:00:00Z",
        "2038-01-19T03:30:00Z", "2106-02-07T06:00:00Z", "2106-02-07T06:30:00Z"}) {
    INFO(moment);
    clock.Set(moment);
    services.host.Work();
    services.Collect();
    services.Collect();  // what came while the host told that it had worked
    const int64_t delivered = services.host.Delivered();
    CHECK(delivered >= 3);
    CHECK(StoredWeight(services.db) == delivered);
    CHECK(Stored(visualizer.port, "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z") == delivered);
    // A window belongs to its end; one of a clock set back ends where it began.
    CHECK(Stored(visualizer.port, "1970-01-01T00:00:00Z", "2026-10-24T11:59:59Z") == 0);
  }
  CHECK(Stored(visualizer.port, "2106-02-07T06:15:00Z", "2200-01-01T00:00:00Z") >= 3);
  CHECK(Stored(visualizer.port, "2027-01-01T00:00:00Z", "2038-01-01T00:00:00Z") >= 3);
}

TEST_CASE("Clock: a collector that goes on polling while it is set loses and doubles no window") {
  const store::TempDir dir;
  const SetClock clock(dir.path("clock"));
  clock.Set("2026-10-24T12:00:00Z");
  Services services(clock, dir.path("db"));
  services.Collect();
  Program collector(services.Collector({"--interval", "0.2"}));
  // An hour forth and back, over midnight (UTC) into the next day, and back into the day before.
  for (const char* moment : {"2026-10-24T13:00:00Z", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
                             "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z"}) {
    INFO(moment);
    clock.Set(moment);
    services.host.Work();
    const int64_t delivered = services.host.Delivered();
    while (collector.lives() && StoredWeight(services.db) < delivered) usleep(20'000);
    REQUIRE(collector.lives());
  }
  collector.Signal(SIGTERM);
  CHECK(collector.Wait().status == 0);
  services.Collect();
  services.Collect();  // what came while the host told that it had worked
  CHECK(StoredWeight(services.db) == services.host.Delivered());
  Program check({STACKSAMPLER_BIN_DIR "/collector", "check", services.db});
  CHECK(check.Wait().status == 0);
}

}  // namespace stacksampler
