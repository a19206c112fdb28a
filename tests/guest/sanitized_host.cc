// SPDX-License-Identifier: MIT
//
// Purpose: an innocent program: threads that lock, allocate, throw and recurse, built with a
//   sanitizer, and sampled by the library as everybody has it. Exit code 0 when it was sampled; the
//   sanitizer's own code when it found something to report.
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "stacksampler/folded.h"
#include "stacksampler/sampler.h"

namespace {

std::mutex mutex;
std::map<std::string, uint64_t> counts;

__attribute__((noinline)) uint64_t Descend(int depth) {
  if (depth == 0) throw std::runtime_error("bottom");
  const auto kept = std::make_unique<std::string>(static_cast<size_t>(depth), 'x');
  return Descend(depth - 1) + kept->size();
}

__attribute__((noinline)) void InnocentWork(int thread) {
  for (int i = 0; i < 200; ++i) {
    try {
      Descend(15);
    } catch (const std::runtime_error& error) {
      const std::lock_guard<std::mutex> lock(mutex);
      ++counts[error.what() + std::to_string((thread + i) % 7)];
    }
  }
}

void WorkOnFourThreads() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(InnocentWork, i);
  for (std::thread& thread : threads) thread.join();
}

// Not only that samples came: that they know what ran.
bool Sampled(const std::string& folded) { return folded.find("InnocentWork") != std::string::npos; }

int Fail(const std::string& why) {
  std::fprintf(stderr, "sanitized_host: %s\n", why.c_str());
  return 1;
}

}  // namespace

int main() {
  stacksampler::SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  std::string folded;
  for (int round = 0; round < 3; ++round) {
    auto sampler = stacksampler::Sampler::Start(options);
    if (!sampler.ok()) return Fail(sampler.status().message());
    const auto reader = (*sampler)->OpenReader();
    for (int i = 0; i < 1000; ++i) {
      WorkOnFourThreads();
      const auto window = (*sampler)->Read(reader);
      if (!window.ok()) return Fail(window.status().message());
      folded = stacksampler::EncodeFolded(window->profile);
      if (i >= 10 && Sampled(folded)) break;
    }
    if (!Sampled(folded)) return Fail("not sampled: " + folded);
    if (!(*sampler)->Stop().ok()) return Fail("not stopped");
    const stacksampler::SamplerStats stats = (*sampler)->Stats();
    if (stats.delivered_weight != stats.recorded_weight + stats.dropped_ring_full_weight) {
      return Fail("a sample was lost");
    }
  }
  return 0;
}
