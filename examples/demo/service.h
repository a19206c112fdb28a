// SPDX-License-Identifier: MIT
//
// Purpose: the request loop of the demo: a dispatcher, a bounded queue, workers, and two threads
//   that idle.
// Thread safety: Start and Stop from one thread.
#ifndef STACKSAMPLER_EXAMPLES_DEMO_SERVICE_H_
#define STACKSAMPLER_EXAMPLES_DEMO_SERVICE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace demo {

enum class Kind { kQuery, kArchive, kImport, kRoute };
inline constexpr int kKinds = 4;
/// Share of the CPU that each kind is given; see README.md.
inline constexpr std::array<double, kKinds> kShares = {0.40, 0.30, 0.20, 0.10};

struct ServiceOptions {
  int workers = 2;
  /// CPU seconds per second, over all workers, that the dispatcher asks for.
  double load = 0.8;
};

class Service {
 public:
  explicit Service(const ServiceOptions& options) : options_(options) {}
  ~Service() { Stop(); }

  void Start();
  void Stop();

 private:
  struct Request {
    Kind kind;
    uint32_t seed;
  };

  void Dispatch();
  void Work(int number);
  void Idle(const char* name);
  [[nodiscard]] Kind FurthestBelowItsShare() const;
  [[nodiscard]] int64_t UsedNs() const;

  ServiceOptions options_;
  std::array<std::atomic<int64_t>, kKinds> used_ns_{};
  std::mutex mutex_;
  std::condition_variable work_;  // the queue grew, or the end
  std::condition_variable stop_;  // the end
  std::deque<Request> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace demo

#endif  // STACKSAMPLER_EXAMPLES_DEMO_SERVICE_H_
