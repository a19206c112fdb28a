// SPDX-License-Identifier: MIT
//
// Purpose: what the sampler takes of its host: the time of Start(), and private memory while two
//   threads are sampled, before and after a window was named. Libraries that are given as arguments
//   are opened first, so that a large process can be played.
//     footprint [LIBRARY...]
#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "stacksampler/sampler.h"

namespace stacksampler::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Private pages of this process that were written, in KiB.
long PrivateDirtyKib() {
  std::ifstream file("/proc/self/smaps_rollup");
  std::string word;
  while (file >> word) {
    long kib = 0;
    if (word == "Private_Dirty:" && file >> kib) return kib;
  }
  return 0;
}

int Modules() {
  std::ifstream file("/proc/self/maps");
  int executable_mappings = 0;
  for (std::string line; std::getline(file, line);) {
    executable_mappings += line.find(" r-xp ") != std::string::npos ? 1 : 0;
  }
  return executable_mappings;
}

void Burn(const std::atomic<bool>& stop) {
  std::atomic<uint64_t> sum = 0;
  while (!stop) sum += std::hash<std::string>()(std::to_string(sum));
}

void PrintGrowth(const char* what, long before) {
  std::printf("%-36s %8.1f MiB\n", what, static_cast<double>(PrivateDirtyKib() - before) / 1024);
}

int Run(int count, char** libraries) {
  int opened = 0;
  for (int i = 0; i < count; ++i) opened += dlopen(libraries[i], RTLD_NOW) != nullptr ? 1 : 0;
  std::atomic<bool> stop = false;
  std::thread first(Burn, std::cref(stop));
  std::thread second(Burn, std::cref(stop));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  std::printf("%-36s %8d, %d of them opened by name\n", "modules", Modules(), opened);

  const long before = PrivateDirtyKib();
  const auto start = Clock::now();
  const auto sampler = Sampler::Start();
  const std::chrono::duration<double, std::milli> took = Clock::now() - start;
  if (!sampler.ok()) std::fprintf(stderr, "%s\n", sampler.status().message().c_str());
  if (!sampler.ok()) return 1;
  std::printf("%-36s %8.2f ms\n", "Start()", took.count());
  const ReaderId reader = (*sampler)->OpenReader();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  PrintGrowth("memory after 2 s", before);
  const auto window = (*sampler)->Take(reader);
  if (!window.ok() || window->profile.samples().empty()) return 1;
  PrintGrowth("memory after a window was named", before);
  stop = true;
  first.join();
  second.join();
  return 0;
}

}  // namespace
}  // namespace stacksampler::bench

int main(int argc, char** argv) { return stacksampler::bench::Run(argc - 1, argv + 1); }
