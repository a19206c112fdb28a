// SPDX-License-Identifier: MIT
//
// Purpose: many targets in one thread, each a port that speaks the protocol of windows as the
//   endpoint does: what was not acknowledged is offered again under another id, and a target that
//   ends and begins anew has another instance.
// Shapes: targets end right after they were acknowledged, one in two hundred times, so that what
//   was handed out is what is stored. It counts in the ledger.
// Thread safety: the counters from any thread.
// Errors: ends the program where no port is to be had.
#ifndef STACKSAMPLER_BENCH_SOAK_FARM_H_
#define STACKSAMPLER_BENCH_SOAK_FARM_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "bodies.h"
#include "ledger.h"
#include "soak_clock.h"

namespace stacksampler::bench {

struct FarmOptions {
  size_t targets = 500;
  int64_t deploy_ns = 0;  // how often
  /// Adds one to the count of each so many windows, as a program that loses a sample would make it.
  uint64_t falsify_each = 0;
};

class Farm {
 public:
  Farm(const FarmOptions& options, const SoakClock& clock, Bodies* bodies, Ledger* ledger);
  ~Farm();
  Farm(const Farm&) = delete;
  Farm& operator=(const Farm&) = delete;

  [[nodiscard]] const std::vector<uint16_t>& ports() const { return ports_; }
  [[nodiscard]] uint64_t offered_again() const { return offered_again_; }
  [[nodiscard]] uint64_t restarts() const { return restarts_; }
  [[nodiscard]] uint64_t deploys() const { return deploys_; }

 private:
  struct Target {
    uint64_t life = 1;
    uint64_t windows = 0;  // handed out and stored, of all lives
    uint64_t id = 0;       // of the window that was offered last
    int64_t turn = 0;      // its request's; 0 when nothing is offered
    uint32_t body = 0;
  };
  struct Connection {
    size_t target;
    std::string request;
  };

  void Listen();
  void Run();
  void Accept(size_t target);
  void Read(int fd);
  std::string Answer(size_t target, std::string_view request);
  void Offer(size_t target, int64_t turn);
  std::string Window(size_t target) const;
  void Acknowledged(size_t target);
  void DeployWhenDue();
  [[nodiscard]] static std::string InstanceOf(size_t index, const Target& target);

  const FarmOptions options_;
  const SoakClock& clock_;
  Bodies* bodies_;
  Ledger* ledger_;
  std::vector<uint16_t> ports_;
  std::vector<Target> targets_;
  std::vector<UniqueFd> listeners_;
  UniqueFd poll_;
  std::map<int, Connection> connections_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> offered_again_{0};
  std::atomic<uint64_t> restarts_{0};
  std::atomic<uint64_t> deploys_{0};
  std::thread thread_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_FARM_H_
