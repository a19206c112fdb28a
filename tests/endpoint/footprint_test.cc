// SPDX-License-Identifier: MIT
// What the endpoint takes of the process that it is a guest of.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "http/client.h"
#include "stacksampler/stacksampler.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

ProfilerOptions AnyPort() {
  ProfilerOptions options;
  options.port = 0;
  return options;
}

size_t HttpThreads() {
  size_t threads = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream in(task.path() / "comm");
    std::string name;
    std::getline(in, name);
    if (name == "stacksampler-ht") ++threads;
  }
  return threads;
}

TEST_CASE("Footprint: the endpoint has two threads, whatever it is asked") {
  REQUIRE(run_profiler(AnyPort()).ok());
  for (const char* route : {"/", "/stats", "/window?reader=a", "/nowhere"}) {
    CHECK(http::Get("127.0.0.1", profiler_port(), route).ok());
  }
  CHECK(HttpThreads() == 2);
  CHECK(stop_profiler().ok());
}

// Of this process, what no other shares.
int64_t PrivateDirtyBytes() {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string name; in >> name;) {
    int64_t kib = 0;
    if (name == "Private_Dirty:" && in >> kib) return kib << 10;
  }
  return -1;
}

// By how much a forked process grows that starts its sampler so, and is sampled; -1: it failed.
int64_t GrowthAfter(bool (*start)()) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const int64_t before = PrivateDirtyBytes();
    int64_t growth = -1;
    if (before > 0 && start()) {
      volatile uint64_t sink = 0;
      while (Sampler::Running()->Stats().delivered_weight < 20) sink = sink + 1;
      growth = PrivateDirtyBytes() - before;
    }
    _exit(write(ends[1], &growth, sizeof growth) == sizeof growth ? 0 : 1);
  }
  close(ends[1]);
  int64_t growth = -1;
  CHECK(read(ends[0], &growth, sizeof growth) == sizeof growth);
  close(ends[0]);
  CHECK(waitpid(child, nullptr, 0) == child);
  return growth;
}

TEST_CASE("Footprint: the endpoint, asked, takes at most 2 MB beyond the sampler") {
  const int64_t sampler = GrowthAfter([] {
    static const auto running = Sampler::Start({});
    return running.ok();
  });
  const int64_t both = GrowthAfter([] {
    if (!run_profiler(AnyPort()).ok()) return false;
    for (int i = 0; i < 100; ++i) {
      if (!http::Get("127.0.0.1", profiler_port(), "/stats").ok()) return false;
    }
    return true;
  });
  REQUIRE(sampler > 0);
  REQUIRE(both > 0);
  INFO("the sampler " << sampler << " bytes, with its endpoint " << both);
  CHECK(both - sampler <= 2'000'000);
}

}  // namespace
}  // namespace stacksampler
