// SPDX-License-Identifier: MIT
//
// Purpose: stands between a collector and an endpoint, and does to their requests and answers what
//   networks, intermediaries and dying processes do. Which fault comes when is decided by the seed.
// Thread safety: exchanges run one after the other on a thread of the proxy's; all members from any
//   thread.
#ifndef STACKSAMPLER_TESTS_COLLECTOR_FAULTY_PROXY_H_
#define STACKSAMPLER_TESTS_COLLECTOR_FAULTY_PROXY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "http/hostile_server.h"

namespace stacksampler::collector {

enum class Fault {
  kNone,
  kDropRequest,
  kCutRequest,
  kDoubleRequest,
  kLateRequest,  // it arrives when its sender has given up and asked again
  kDropAnswer,
  kCutAnswer,
  kLateAnswer,     // when nobody waits for it any more
  kOldAnswer,      // that to an earlier request, and ours never arrives
  kDoubleAnswer,   // twice in one connection
  kForeignAnswer,  // an intermediary's own
};
inline constexpr size_t kFaults = 11;

/// Where a request or an answer is cut.
enum class Cut { kFirstLine, kLineEnd, kHeaders, kHeadEnd, kBody, kLastByte, kNumber };
inline constexpr size_t kCuts = 7;

struct FaultCounts {
  std::array<uint64_t, kFaults> faults{};
  std::array<uint64_t, kCuts> cut_requests{};
  std::array<uint64_t, kCuts> cut_answers{};
};

class FaultyProxy {
 public:
  /// `upstream` tells the port where the endpoint listens now.
  FaultyProxy(std::function<uint16_t()> upstream, uint64_t seed);

  [[nodiscard]] uint16_t port() const { return server_.port(); }
  [[nodiscard]] FaultCounts counts() const;
  [[nodiscard]] uint64_t exchanges() const { return exchanges_; }
  /// From now on looks for a request that acknowledges a window of `instance` above `id`.
  void Expect(const std::string& instance, uint64_t id);
  [[nodiscard]] bool seen() const { return is_seen_; }
  /// Requests that acknowledged something else than the one before.
  [[nodiscard]] uint64_t acknowledgements() const { return acknowledgements_; }

 private:
  void Exchange(int client);
  void LookForAcknowledgement(const std::string& request);
  void Do(Fault fault, int client, const std::string& request);
  std::string Ask(const std::string& request);
  void DeliverLate();
  size_t Below(size_t end);
  size_t PlaceOf(Cut cut, const std::string& bytes);
  std::string CutOff(const std::string& bytes, std::array<uint64_t, kCuts>* counts);

  const std::function<uint16_t()> upstream_;
  std::mt19937_64 random_;
  std::deque<std::string> old_answers_;
  std::vector<std::string> late_requests_;
  std::atomic<uint64_t> exchanges_{0};
  std::atomic<bool> is_seen_{false};
  std::atomic<uint64_t> acknowledgements_{0};
  std::string last_ack_;
  mutable std::mutex mutex_;
  FaultCounts counts_;
  std::string instance_;
  uint64_t above_ = 0;
  http::HostileServer server_;  // the last: its thread uses all others
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_TESTS_COLLECTOR_FAULTY_PROXY_H_
