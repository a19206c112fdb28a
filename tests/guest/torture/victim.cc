// SPDX-License-Identifier: MIT
#include "guest/torture/victim.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "guest/torture/kinds.h"
#include "guest/torture/profilers.h"

namespace stacksampler::torture {
namespace {

constexpr std::chrono::milliseconds kProfilerTurn{50};

// The first one counts, and ends the process: what comes after it follows from it.
[[noreturn]] void GiveUp(const char* kind, const std::exception& error, Shared* shared) {
  static std::mutex first;
  first.lock();
  std::snprintf(shared->complaint, sizeof shared->complaint, "%s: %s", kind, error.what());
  _exit(1);
}

void TurnUntilStopped(const Kind& kind, int number, Shared::Thread* thread, Shared* shared) {
  try {
    while (!shared->stop) {
      kind.turn(number);
      thread->turns.fetch_add(1, std::memory_order_relaxed);
    }
  } catch (const std::exception& error) {
    GiveUp(kind.name, error, shared);
  }
}

std::vector<std::thread> StartThreads(Shared* shared) {
  std::vector<std::thread> threads;
  for (const Kind& kind : Kinds()) {
    for (int i = 0; i < kind.threads; ++i) {
      Shared::Thread* const thread = &shared->threads.at(threads.size());
      threads.emplace_back(
          [&kind, i, thread, shared] { TurnUntilStopped(kind, i, thread, shared); });
    }
  }
  if (threads.size() != kThreads) throw std::logic_error("the kinds' threads do not sum up");
  return threads;
}

}  // namespace

int RunVictim(const std::string& profiler_name, Shared* shared) {
  try {
    const std::unique_ptr<Profiler> profiler = StartProfiler(profiler_name);
    std::vector<std::thread> threads = StartThreads(shared);
    while (!shared->stop) {
      profiler->Turn();
      std::this_thread::sleep_for(kProfilerTurn);
    }
    for (std::thread& thread : threads) thread.join();
    profiler->Finish(shared);
  } catch (const std::exception& error) {
    GiveUp("main", error, shared);
  }
  return 0;
}

}  // namespace stacksampler::torture
