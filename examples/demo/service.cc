// SPDX-License-Identifier: MIT
#include "demo/service.h"

#include <pthread.h>
#include <time.h>

#include <chrono>
#include <string>

#include "demo/handlers.h"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kQueueLimit = 8;
constexpr auto kPace = std::chrono::milliseconds(5);

int64_t ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void Handle(Kind kind, uint32_t seed, Catalog* catalog) {
  switch (kind) {
    case Kind::kQuery:
      catalog->HandleQuery(seed);
      break;
    case Kind::kArchive:
      HandleArchive(seed);
      break;
    case Kind::kImport:
      HandleImport(seed);
      break;
    case Kind::kRoute:
      HandleRoute(seed);
      break;
  }
}

}  // namespace

void Service::Start() {
  threads_.emplace_back([this] { Dispatch(); });
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this, i] { Work(i); });
  threads_.emplace_back([this] { Idle("janitor"); });
  threads_.emplace_back([this] { Idle("metrics"); });
}

void Service::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

int64_t Service::UsedNs() const {
  int64_t used = 0;
  for (const auto& ns : used_ns_) used += ns.load(std::memory_order_relaxed);
  return used;
}

Kind Service::FurthestBelowItsShare() const {
  const auto total = static_cast<double>(UsedNs() + 1);
  int furthest = 0;
  double largest_gap = -1;
  for (int kind = 0; kind < kKinds; ++kind) {
    const double gap =
        kShares[kind] - static_cast<double>(used_ns_[kind].load(std::memory_order_relaxed)) / total;
    if (gap > largest_gap) {
      largest_gap = gap;
      furthest = kind;
    }
  }
  return static_cast<Kind>(furthest);
}

void Service::Dispatch() {
  pthread_setname_np(pthread_self(), "dispatcher");
  const auto begin = Clock::now();
  uint32_t seed = 1;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto elapsed_ns = std::chrono::nanoseconds(Clock::now() - begin).count();
    const bool due =
        static_cast<double>(UsedNs()) < options_.load * static_cast<double>(elapsed_ns);
    if (due && queue_.size() < kQueueLimit) {
      queue_.push_back({FurthestBelowItsShare(), seed++});
      work_.notify_one();
    }
    stop_.wait_for(lock, kPace, [this] { return stopping_; });
  }
}

void Service::Work(int number) {
  pthread_setname_np(pthread_self(), ("worker-" + std::to_string(number)).c_str());
  Catalog catalog;
  for (;;) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const Request request = queue_.front();
    queue_.pop_front();
    lock.unlock();

    const int64_t before = ThreadCpuNs();
    Handle(request.kind, request.seed, &catalog);
    used_ns_[static_cast<int>(request.kind)] += ThreadCpuNs() - before;
  }
}

void Service::Idle(const char* name) {
  pthread_setname_np(pthread_self(), name);
  std::unique_lock lock(mutex_);
  stop_.wait(lock, [this] { return stopping_; });
}

}  // namespace demo
