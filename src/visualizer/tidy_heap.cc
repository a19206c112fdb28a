// SPDX-License-Identifier: MIT
#include "visualizer/tidy_heap.h"

#include <atomic>
#include <memory>
#include <utility>

namespace stacksampler::visualizer {

http::Handler TidyingHeap(http::Handler handler, std::function<void()> give_back) {
  auto answers = std::make_shared<std::atomic<uint64_t>>(0);  // of all copies
  return [handler = std::move(handler), give_back = std::move(give_back),
          answers = std::move(answers)](const http::Request& request) {
    http::Response response = handler(request);
    if (++*answers % kAnswersBetween == 0) give_back();
    return response;
  };
}

}  // namespace stacksampler::visualizer
