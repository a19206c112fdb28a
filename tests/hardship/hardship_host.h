// SPDX-License-Identifier: MIT
//
// Purpose: the host of host.cc, and what of its samples the store has.
#ifndef STACKSAMPLER_TESTS_HARDSHIP_HARDSHIP_HOST_H_
#define STACKSAMPLER_TESTS_HARDSHIP_HARDSHIP_HOST_H_

#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gauntlet/running_server.h"
#include "http/raw_socket.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/delivered_weight.h"

namespace stacksampler {

class HardshipHost : public RunningServer {
 public:
  using RunningServer::RunningServer;

  void Work() {
    program.Signal(SIGUSR1);
    REQUIRE(program.ReadLine() == "1");
  }
  /// By the host's own count.
  [[nodiscard]] int64_t Delivered() const {
    const std::string stats = http::Ask(port, http::GetRequest("/stats"));
    const std::string name = "\ndelivered_weight ";
    REQUIRE(stats.find(name) != std::string::npos);
    return std::stoll(stats.substr(stats.find(name) + name.size()));
  }
};

inline int64_t StoredWeight(const std::string& db) {
  const auto all = store::MustRead(db)->Merge({});
  REQUIRE(all.ok());
  return DeliveredWeight(all->profile);
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_HARDSHIP_HARDSHIP_HOST_H_
