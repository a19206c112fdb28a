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
  CHECK(stopped.readers.losses().expired == 0);
  stopped.now += std::chrono::hours(1);
  CHECK(stopped.Read(Of("here", stopped.last_id)) == 0);
  CHECK(stopped.readers.losses().expired == 1);
  // It has stored a window, so that it must not get that again.
  CHECK(stopped.Read(Of("gone", stored)) == 0);
  CHECK(stopped.last_id > stored);
}

TEST_CASE("Readers: one that has stored nothing gets all from the start, however late it comes") {
  StoppedReaders stopped;
  const int64_t all = stopped.Read(Of("gone"));
  stopped.now += kReaderExpiry;
  CHECK(stopped.Read(Of("gone")) == all);
  CHECK(stopped.readers.losses().expired == 1);
}

TEST_CASE("Readers: a recording's cursor expires within minutes, a collector's does not") {
  StoppedReaders stopped;
  WindowRequest recording = Of("recording");
  recording.timeline = true;
  stopped.Read(recording);
  stopped.Read(Of("collector"));
  stopped.now += kTimelineReaderExpiry;
  stopped.Read(Of("another"));
  CHECK(stopped.readers.losses().expired == 1);
  CHECK(stopped.Read(Of("collector", stopped.last_id)) > 0);  // that id was another's window
}

std::string Name(size_t number) { return "x" + std::to_string(number); }

void FillAll(StoppedReaders* stopped) {
  for (size_t i = 1; i <= kMaxReaders; ++i) stopped->Read(Of(Name(i).c_str()));
}

TEST_CASE("Readers: strangers' names keep no collector out for longer than half an hour") {
  StoppedReaders stopped;
  FillAll(&stopped);
  stopped.now += kUnprovenReaderExpiry - std::chrono::seconds(1);
  stopped.Read(Of("x1"));
  CHECK(stopped.readers.Read(Of("late")).status().code() == StatusCode::kResourceExhausted);
  CHECK(stopped.readers.losses().refused == 1);
  CHECK(stopped.readers.losses().expired == 0);
  stopped.now += std::chrono::seconds(1);
  CHECK(stopped.Read(Of("late")) > 0);
  CHECK(stopped.readers.losses().refused == 1);
  CHECK(stopped.readers.losses().expired == 1);
}

TEST_CASE("Readers: who has acknowledged a window makes no room for a stranger") {
  StoppedReaders stopped;
  FillAll(&stopped);
  for (size_t i = 1; i <= kMaxReaders; ++i) {
    stopped.Read(Of(Name(i).c_str()));
    stopped.Read(Of(Name(i).c_str(), stopped.last_id));
  }
  stopped.now += kReaderExpiry - std::chrono::seconds(1);
  CHECK_FALSE(stopped.readers.Read(Of("late")).ok());
  CHECK(stopped.readers.losses().expired == 0);
}

TEST_CASE("Readers: a late acknowledgement of one that made room is that of an expired reader") {
  StoppedReaders stopped;
  stopped.Read(Of("owner"));
  const uint64_t stored = stopped.last_id;
  stopped.now += kUnprovenReaderExpiry;
  FillAll(&stopped);
  CHECK(stopped.readers.losses().expired == 1);
  stopped.now += kUnprovenReaderExpiry;
  CHECK(stopped.Read(Of("owner", stored)) == 0);
}

TEST_CASE("Readers: so many recordings at once, and no more") {
  StoppedReaders stopped;
  WindowRequest recording;
  recording.timeline = true;
  for (size_t i = 0; i < kMaxTimelineReaders; ++i) {
    recording.reader = Name(i);
    stopped.Read(recording);
  }
  recording.reader = "late";
  CHECK(stopped.readers.Read(recording).status().code() == StatusCode::kResourceExhausted);
  CHECK(stopped.readers.losses().refused == 1);
  recording.reader = "x0";
  recording.close = true;
  stopped.Read(recording);
  recording.reader = "late";
  stopped.Read(recording);
}

TEST_CASE("Readers: so many have sample times at once, the others' windows have none, counted") {
  StoppedReaders stopped;
  WindowRequest request;
  request.sample_times = std::chrono::milliseconds(20);
  for (size_t i = 0; i < kMaxTimedReaders; ++i) {
    request.reader = Name(i);
    for (int read = 0; read < 2; ++read) stopped.Read(request);
  }
  CHECK(stopped.readers.losses().untimed == 0);
  const uint64_t full = stopped.sampler->Stats().memory_windows;
  request.reader = "late";
  CHECK(stopped.Read(request) > 0);
  CHECK(stopped.readers.losses().untimed == 1);
  const uint64_t without = stopped.sampler->Stats().memory_windows;
  request.reader = "x0";
  request.sample_times = std::chrono::milliseconds(0);
  stopped.Read(request);
  request.reader = "late";
  request.sample_times = std::chrono::milliseconds(20);
  const uint64_t freed = stopped.sampler->Stats().memory_windows;
  stopped.Read(request);
  CHECK(stopped.readers.losses().untimed == 1);
  CHECK(full < without);  // its counters
  CHECK(freed < without);
  CHECK(stopped.sampler->Stats().memory_windows == without);  // one took the other's place
}

}  // namespace
}  // namespace stacksampler::endpoint
