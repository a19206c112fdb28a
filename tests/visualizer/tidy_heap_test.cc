// SPDX-License-Identifier: MIT
#include "visualizer/tidy_heap.h"

#include <string>

#include "support/catch.h"

namespace stacksampler::visualizer {
namespace {

TEST_CASE("Visualizer: memory is given back after each so many answers, whichever copy gave them") {
  uint64_t answered = 0;
  uint64_t given_back_at = 0;
  uint64_t given_back = 0;
  const http::Handler handler = TidyingHeap(
      [&](const http::Request& request) {
        ++answered;
        return http::Response{200, "text/plain", request.path, {}};
      },
      [&] {
        ++given_back;
        given_back_at = answered;
      });
  const http::Handler copy = handler;
  http::Request request;
  request.path = "/data";
  for (uint64_t i = 1; i < kAnswersBetween; ++i)
    CHECK((i % 2 ? handler : copy)(request).body == "/data");
  CHECK(given_back == 0);
  CHECK(copy(request).body == "/data");
  CHECK(given_back == 1);
  CHECK(given_back_at == kAnswersBetween);
  for (uint64_t i = 0; i < 2 * kAnswersBetween; ++i) (void)handler(request);
  CHECK(given_back == 3);
}

}  // namespace
}  // namespace stacksampler::visualizer
