// SPDX-License-Identifier: MIT
#include "visualizer/foresight.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.h"

namespace stacksampler::visualizer {
namespace {

/// Notes what a handler is asked, on whatever thread.
class Asked {
 public:
  http::Handler Handler() {
    return [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request.path + " " + request.Param("from"));
      changed_.notify_all();
      if (request.Param("from") == "fails") throw std::runtime_error("as told");
      return http::Response{200, "text/plain", request.path, {}};
    };
  }
  /// Waits for it.
  std::string At(size_t place) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_.size() > place; });
    return asked_[place];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
};

http::Request Get(const std::string& path, std::multimap<std::string, std::string> params) {
  http::Request request;
  request.method = "GET";
  request.path = path;
  request.params = std::move(params);
  return request;
}

TEST_CASE("Foresight: who asks for the page has its graph asked for, by the same parameters") {
  Asked asked;
  const http::Handler handler = AskingAhead(asked.Handler());
  CHECK(handler(Get("/", {{"from", "-1h"}})).body == "/");
  const std::string first = asked.At(0);
  const std::string second = asked.At(1);
  CHECK((first == "/ -1h" ? second : first) == "/api/v1/flame -1h");
}

TEST_CASE("Foresight: a comparison and what is no page are not asked ahead of") {
  Asked asked;
  const http::Handler handler = AskingAhead([&, inner = asked.Handler()](const auto& request) {
    return request.path == "/api/v1/flame" ? inner(request) : http::Response{};
  });
  (void)handler(Get("/", {{"from", "1"}, {"base", "range"}}));
  (void)handler(Get("/assets/app.js", {{"from", "2"}}));
  (void)handler(Get("/", {{"from", "3"}}));
  CHECK(asked.At(0) == "/api/v1/flame 3");
}

TEST_CASE("Foresight: goes on after a question that failed") {
  Asked asked;
  http::Handler inner = asked.Handler();
  const http::Handler handler = AskingAhead([&](const http::Request& request) {
    return request.path == "/" ? http::Response{} : inner(request);
  });
  (void)handler(Get("/", {{"from", "fails"}}));
  CHECK(asked.At(0) == "/api/v1/flame fails");
  (void)handler(Get("/", {{"from", "-1h"}}));
  CHECK(asked.At(1) == "/api/v1/flame -1h");
}

}  // namespace
}  // namespace stacksampler::visualizer
