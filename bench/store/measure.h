// SPDX-License-Identifier: MIT
//
// Purpose: what the parts of the store's bench measure with: clocks, medians, a folder of its own.
// Thread safety: free functions; a TempDir serves one thread.
// Errors: a failing call ends the program, saying why.
#ifndef STACKSAMPLER_BENCH_STORE_MEASURE_H_
#define STACKSAMPLER_BENCH_STORE_MEASURE_H_

#include <time.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::bench {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kMinutesOfDay = 1440;
inline constexpr int64_t kDay = kMinutesOfDay * kMinute;
inline constexpr int64_t kBegin = 19'800 * kDay;

[[noreturn]] void Die(const std::string& message);

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) Die(result.status().message());
  return *std::move(result);
}

void Check(bool holds, const std::string& what);

/// Milliseconds that `work` takes of `clock`.
double Cost(clockid_t clock, const std::function<void()>& work);
struct Costs {
  double wall_ms = 0;
  double cpu_ms = 0;  // of this thread: what other load makes of it is less
};
/// The medians of nine runs.
Costs MedianCosts(const std::function<void()>& work);
/// REQUIRES: at least one cost.
double Median(std::vector<double> costs);
void PrintPercentiles(const char* name, std::vector<double> costs);

/// What the machine is worth just now.
void PrintCalibration();

uint64_t BytesIn(const std::string& dir);
double PeakMegabytes();

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] std::string path(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_MEASURE_H_
