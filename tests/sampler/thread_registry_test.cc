// SPDX-License-Identifier: MIT
#include "sampler/thread_registry.h"

#include <unistd.h>

#include <csignal>

#include "sampler/burn.h"
#include "sampler/slot_pool.h"
#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

constexpr int64_t kMs = 1'000'000;

SamplerOptions Slow() {
  std::signal(SIGPROF, SIG_IGN);
  SamplerOptions options;
  options.interval = std::chrono::seconds(10);
  return options;
}

TEST_CASE("Threads: what one used before the first scan is not to be explained") {
  ThreadRegistry registry(Slow());
  burn_alpha(50 * kMs);
  REQUIRE(registry.Scan().ok());
  const SampledThread& self = registry.threads().at(gettid());
  CHECK(self.cpu_ns >= 50 * kMs);
  CHECK(self.cpu_base_ns == self.cpu_ns);
}

TEST_CASE("Threads: one that the first scan missed has to explain no more than the time since") {
  ThreadRegistry registry(Slow());
  burn_alpha(50 * kMs);
  const int64_t begin_ns = MonotonicNs();
  REQUIRE(registry.Scan().ok());
  ReleaseSlot(registry.threads().at(gettid()).slot);
  registry.threads().erase(gettid());
  REQUIRE(registry.Scan().ok());
  const SampledThread& self = registry.threads().at(gettid());
  CHECK(self.cpu_ns - self.cpu_base_ns <= MonotonicNs() - begin_ns);
}

TEST_CASE("Threads: a later one has to explain all of its CPU time") {
  ThreadRegistry registry(Slow());
  REQUIRE(registry.Scan().ok());
  std::thread([&registry] {
    burn_alpha(5 * kMs);
    registry.Admit(gettid());
    CHECK(registry.threads().at(gettid()).timer.armed());
    CHECK(registry.threads().at(gettid()).cpu_base_ns == 0);
  }).join();
}

TEST_CASE("Threads: what one had used when it left is known after its end") {
  ThreadRegistry registry(Slow());
  REQUIRE(registry.Scan().ok());
  pid_t tid = 0;
  std::thread([&registry, &tid] {
    tid = gettid();
    registry.Admit(tid);
    pthread_setname_np(pthread_self(), "leaving");
    burn_alpha(5 * kMs);
    registry.NoteLeaving(tid);
  }).join();
  for (int i = 0; i < 10'000 && registry.ended().empty(); ++i) {
    REQUIRE(registry.Scan().ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(registry.ended().size() == 1);
  const SampledThread& ended = registry.ended().front().mapped();
  CHECK(ended.tid == tid);
  CHECK(ended.name == "leaving");
  CHECK(ended.cpu_ns >= 5 * kMs);
  CHECK(registry.threads().count(tid) == 0);
  registry.ReleaseLastEnded();
  CHECK(registry.ended().empty());
}

TEST_CASE("Threads: telling of oneself twice, or of leaving and staying, changes nothing") {
  ThreadRegistry registry(Slow());
  REQUIRE(registry.Scan().ok());
  const uint64_t seen = registry.threads_seen();
  const ThreadSlot* slot = registry.threads().at(gettid()).slot;
  registry.NoteLeaving(gettid());
  registry.Admit(gettid());
  registry.Admit(gettid());
  REQUIRE(registry.Scan().ok());
  CHECK(registry.threads().at(gettid()).slot == slot);
  CHECK(registry.threads_seen() == seen);
}

}  // namespace
}  // namespace stacksampler::sampling
