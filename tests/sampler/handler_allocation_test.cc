// SPDX-License-Identifier: MIT
//
// An interposed malloc that knows the handler by its signal mask: sa_mask blocks everything.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"

namespace {

std::atomic<bool> watching{false};
std::atomic<int> in_handler{0};
std::atomic<int> in_all{0};

void NoteAllocation() {
  if (!watching.load(std::memory_order_relaxed)) return;
  in_all.fetch_add(1, std::memory_order_relaxed);
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  if (std::string_view(name) == "stacksampler") return;  // blocks all signals, too
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  if (sigismember(&mask, SIGUSR2) == 1) in_handler.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): glibc's
void* __libc_malloc(size_t size);
void __libc_free(void* block);
// NOLINTEND(bugprone-reserved-identifier)
void* malloc(size_t size) {
  NoteAllocation();
  return __libc_malloc(size);
}
void free(void* block) {
  NoteAllocation();
  __libc_free(block);
}
}

namespace stacksampler {
namespace {

void AllocatingHandler(int /*signal*/) { free(malloc(100)); }

TEST_CASE("Handler: the trap catches a handler that allocates") {
  struct sigaction action {};
  action.sa_handler = AllocatingHandler;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
  in_handler = 0;
  watching = true;
  raise(SIGUSR1);
  watching = false;
  CHECK(in_handler == 2);
}

void Churn(int64_t cpu_ns) {
  std::vector<void*> blocks(1000);
  unsigned random = 1;
  for (const int64_t end = MyThreadCpuNs() + cpu_ns; MyThreadCpuNs() < end;) {
    for (void*& block : blocks) {
      free(block);
      block = malloc(static_cast<size_t>(rand_r(&random) % 4000));
    }
  }
  for (void* block : blocks) free(block);
}

TEST_CASE("Handler: allocates nothing while it interrupts an allocating program") {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  auto sampler = Sampler::Start(options);
  REQUIRE(sampler.ok());
  Burner first("first");
  Burner second("second");
  first.Begin([] { Churn(500'000'000); });
  second.Begin([] { Churn(500'000'000); });
  in_handler = 0;
  watching = true;
  first.Finish();
  second.Finish();
  constexpr uint64_t kSignals = 100;
  for (int i = 0; i < kMostBurns && (*sampler)->Stats().delivered_signals <= kSignals; ++i) {
    Churn(10'000'000);
  }
  watching = false;
  (void)(*sampler)->Stop();
  CHECK(in_all > 1000);
  CHECK((*sampler)->Stats().delivered_signals > kSignals);
  CHECK(NothingLost((*sampler)->Stats()));
  CHECK(in_handler == 0);
}

}  // namespace
}  // namespace stacksampler
