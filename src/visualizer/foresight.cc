// SPDX-License-Identifier: MIT
#include "visualizer/foresight.h"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "http/thread.h"

namespace stacksampler::visualizer {
namespace {

/// Asks on a thread of its own; where the system has none left, nothing.
class Foresight {
 public:
  explicit Foresight(http::Handler handler) : handler_(std::move(handler)) {
    auto thread = http::Thread::Start([this] { Run(); });
    if (thread.ok()) thread_.emplace(*std::move(thread));
  }
  ~Foresight() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      changed_.notify_one();
    }
    if (thread_) thread_->Join();
  }
  Foresight(const Foresight&) = delete;
  Foresight& operator=(const Foresight&) = delete;

  void Ask(http::Request request) {
    const std::lock_guard lock(mutex_);
    next_ = std::move(request);
    changed_.notify_one();
  }

 private:
  bool Take(http::Request* request) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_ending_ || next_; });
    if (is_ending_) return false;
    *request = *std::exchange(next_, std::nullopt);
    return true;
  }

  void Run() {
    for (http::Request request; Take(&request);) {
      try {
        (void)handler_(request);
      } catch (const std::exception&) {
        // Who asks hears of it.
      }
    }
  }

  const http::Handler handler_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<http::Request> next_;
  bool is_ending_ = false;
  std::optional<http::Thread> thread_;
};

bool OpensGraph(const http::Request& request) {
  return request.path == "/" && request.Param("base").empty();  // a comparison asks otherwise
}

}  // namespace

http::Handler AskingAhead(http::Handler handler) {
  auto foresight = std::make_shared<Foresight>(handler);
  return [handler = std::move(handler), foresight](const http::Request& request) {
    if (OpensGraph(request)) {
      http::Request graph = request;
      graph.path = "/api/v1/flame";
      foresight->Ask(std::move(graph));
    }
    return handler(request);
  };
}

}  // namespace stacksampler::visualizer
