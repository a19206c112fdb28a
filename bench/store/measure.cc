// SPDX-License-Identifier: MIT
#include "measure.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace stacksampler::bench {
namespace {

constexpr size_t kRuns = 9;

double Clock(clockid_t id) {
  timespec time = {};
  clock_gettime(id, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

void Die(const std::string& message) {
  std::fprintf(stderr, "store_bench: %s\n", message.c_str());
  std::exit(1);
}

void Check(bool holds, const std::string& what) {
  if (!holds) Die("does not hold: " + what);
}

double Cost(clockid_t clock, const std::function<void()>& work) {
  const double begin = Clock(clock);
  work();
  return Clock(clock) - begin;
}

Costs MedianCosts(const std::function<void()>& work) {
  std::vector<double> wall(kRuns);
  std::vector<double> cpu(kRuns);
  for (size_t i = 0; i < kRuns; ++i) {
    wall[i] = Cost(CLOCK_MONOTONIC, [&] { cpu[i] = Cost(CLOCK_THREAD_CPUTIME_ID, work); });
  }
  return {Median(std::move(wall)), Median(std::move(cpu))};
}

double Median(std::vector<double> costs) {
  std::sort(costs.begin(), costs.end());
  return costs[costs.size() / 2];
}

void PrintPercentiles(const char* name, std::vector<double> costs) {
  std::sort(costs.begin(), costs.end());
  std::printf("%-58s %10.3f ms p50 %8.3f p99 %8.3f longest\n", name, costs[costs.size() / 2],
              costs[costs.size() * 99 / 100], costs.back());
}

void PrintCalibration() {
  volatile uint64_t sink = 1;
  const Costs costs = MedianCosts([&] {
    uint64_t hash = sink;
    for (uint64_t i = 0; i < 10'000'000; ++i) hash = (hash ^ i) * 0x9e3779b97f4a7c15;
    sink = hash;
  });
  std::printf("%-58s %10.2f ms, %.2f of CPU time\n", "calibration: 10 M dependent multiplications",
              costs.wall_ms, costs.cpu_ms);
}

uint64_t BytesIn(const std::string& dir) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) bytes += entry.file_size();
  return bytes;
}

double PeakMegabytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) Die("no temporary directory");
  path_ = name;
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

}  // namespace stacksampler::bench
