// SPDX-License-Identifier: MIT
#include "endpoint/readers.h"

#include "support/catch.h"
#include "support/delivered_weight.h"

namespace stacksampler::endpoint {
namespace {

// A sampler that has sampled, stopped, and readers with a clock to be set.
struct StoppedReaders {
  StoppedReaders() {
    volatile uint64_t sink = 0;
    while (sampler->Stats().delivered_weight < 20) {
      for (int i = 0; i < 100'000; ++i) sink = sink + static_cast<uint64_t>(i);
    }
    REQUIRE(sampler->Stop().ok());
  }
  int64_t Read(const WindowRequest& request) {
    const auto window = readers.Read(request);
    REQUIRE(window.ok());
    last_id = window->id;
    return DeliveredWeight(window->profile);
  }

  std::shared_ptr<Sampler> sampler = *Sampler::Start();
  Readers::Clock::time_point now;
  Readers readers{sampler, [this] { return now; }};
  uint64_t last_id = 0;
};

WindowRequest Of(const char* reader, uint64_t acknowledged = 0) {
  WindowRequest request;
  request.reader = reader;
  request.acknowledged = acknowledged;
  return request;
}

TEST_CASE("Readers: a cursor that nobody reads expires and is counted, those that are read stay") {
  StoppedReaders stopped;
  const int64_t all = stopped.Read(Of("gone"));
  CHECK(all > 0);
  const uint64_t stored = stopped.last_id;
  CHECK(stopped.Read(Of("here")) == all);
  stopped.now += kReaderExpiry - std::chrono::hours(1);
  CHECK(stopped.Read(Of("here", stopped.last_id)) == 0);
  CHECK(stopped.readers.expired() == 0);
  stopped.now += std::chrono::hours(1);
  CHECK(stopped.Read(Of("here", stopped.last_id)) == 0);
  CHECK(stopped.readers.expired() == 1);
  // It has stored a window, so that it must not get that again.
  CHECK(stopped.Read(Of("gone", stored)) == 0);
  CHECK(stopped.last_id > stored);
}

TEST_CASE("Readers: one that has stored nothing gets all from the start, however late it comes") {
  StoppedReaders stopped;
  const int64_t all = stopped.Read(Of("gone"));
  stopped.now += kReaderExpiry;
  CHECK(stopped.Read(Of("gone")) == all);
  CHECK(stopped.readers.expired() == 1);
}

TEST_CASE("Readers: a recording's cursor expires within minutes, a collector's does not") {
  StoppedReaders stopped;
  WindowRequest recording = Of("recording");
  recording.timeline = true;
  stopped.Read(recording);
  stopped.Read(Of("collector"));
  stopped.now += kTimelineReaderExpiry;
  stopped.Read(Of("another"));
  CHECK(stopped.readers.expired() == 1);
  CHECK(stopped.Read(Of("collector", stopped.last_id)) > 0);  // that id was another's window
}

}  // namespace
}  // namespace stacksampler::endpoint
