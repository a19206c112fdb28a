// SPDX-License-Identifier: MIT
//
// Purpose: known amounts of CPU time in functions with known names, measured by CPU clocks, so that
//   a loaded machine changes nothing.
// Thread safety: free functions act on the calling thread; Burner's members belong to its owner.
#ifndef STACKSAMPLER_TESTS_SAMPLER_BURN_H_
#define STACKSAMPLER_TESTS_SAMPLER_BURN_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <thread>

namespace stacksampler {

int64_t MyThreadCpuNs();

extern "C" {
/// Return when the calling thread has used so much more CPU time.
void burn_alpha(int64_t cpu_ns);
void burn_beta(int64_t cpu_ns);
/// burn_alpha under `depth` frames of burn_deep.
void burn_deep(int depth, int64_t cpu_ns);
}

/// A named thread that works when told to, and stays alive until destroyed.
class Burner {
 public:
  explicit Burner(const std::string& name);
  ~Burner();
  Burner(const Burner&) = delete;
  Burner& operator=(const Burner&) = delete;

  /// Lets the thread begin `work`; once in a Burner's life.
  void Begin(std::function<void()> work);
  /// CPU time that the thread had used when `work` was done.
  int64_t Finish();
  [[nodiscard]] pid_t tid() const { return tid_; }

 private:
  pid_t tid_ = 0;
  std::promise<std::function<void()>> work_;
  std::promise<int64_t> done_;
  std::promise<void> leave_;
  std::thread thread_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SAMPLER_BURN_H_
