// SPDX-License-Identifier: MIT
//
// What the collector does with what its store refuses.
#include <functional>
#include <thread>

#include "collector_support.h"
#include "http/test_server.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// What the original gives each time.
http::Response FourSamples(const http::Request&) {
  http::Response response;
  response.body = "elapsed 1\ngranularity 0.005\nmain 4\n";
  return response;
}

size_t CountOf(const std::string& text, const std::string& words) {
  size_t count = 0;
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("Collector: holds what reset gave while the store refuses") {
  const auto server = Serve(FourSamples);
  MemoryWriter writer;
  writer.refuse_append = true;
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(20);
  Collector collector({{"127.0.0.1", server->port()}}, &writer, options);
  std::thread running([&] { collector.Run(); });
  while (collector.counters().unstored < 3) std::this_thread::yield();
  writer.refuse_append = false;
  while (collector.counters().stored < 2) std::this_thread::yield();
  collector.Stop();
  running.join();
  // On a starved machine a poll may fail for its time, which is as long as the interval.
  const CollectorCounters counters = collector.counters();
  CHECK(writer.committed_weight == 4 * static_cast<int64_t>(counters.polls - counters.failed));
}

TEST_CASE("Collector: what was held comes to the store in the order of ends, as all records") {
  const auto refused = Serve(FourSamples);
  const auto other = Serve(FourSamples);
  MemoryWriter writer;
  writer.refuse_append = true;
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(50);
  Collector collector({{"127.0.0.1", refused->port()}, {"127.0.0.1", other->port()}}, &writer,
                      options);
  std::thread running([&] { collector.Run(); });
  while (collector.counters().unstored < 4) std::this_thread::yield();
  writer.refuse_append = false;
  while (collector.counters().stored < 4) std::this_thread::yield();
  collector.Stop();
  running.join();
  CHECK(writer.in_order);
}

TEST_CASE("Collector: what is held stays so while the windows of the process after are refused") {
  WindowedTarget windowed;
  std::unique_ptr<Collector> collector;
  std::atomic<int> windows = 0;
  const auto server = Serve([&](const http::Request& request) {
    if (collector->counters().unstored > 0) {
      ++windows;
      return windowed(request);
    }
    return FourSamples(request);
  });
  MemoryWriter writer;
  writer.refuse_append = true;
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(100);
  const std::vector<Target> targets = {{"127.0.0.1", server->port()}};
  collector = std::make_unique<Collector>(targets, &writer, options);
  std::thread running([&] { collector->Run(); });
  while (windows < 3) std::this_thread::yield();
  writer.refuse_append = false;
  while (collector->counters().stored < 2) std::this_thread::yield();
  collector->Stop();
  running.join();
  CHECK(collector->counters().given_up_weight == 0);
  CHECK(writer.committed_weight % 10 == 4);  // windows hold tens
}

TEST_CASE("Collector: what is held when it ends and the store still refuses is counted") {
  const auto server = Serve(FourSamples);
  MemoryWriter writer;
  writer.refuse_append = true;
  CollectorCounters counters;
  PollOnce(server->port(), &writer, &counters);
  CHECK(counters.given_up_weight == 4);
}

TEST_CASE("Collector: a poll that the store refuses counts, and is told, once") {
  const auto server = Serve(FourSamples);
  MemoryWriter writer;
  writer.refuse_append = true;
  CollectorCounters counters;
  std::string said;
  {
    const CapturedStderr log;
    PollOnce(server->port(), &writer, &counters);
    said = log.Text();
  }
  CHECK(counters.polls == 1);
  CHECK(counters.unstored == 1);
  CHECK(counters.stored == 0);
  CHECK(CountOf(said, "store refused") == 1);
  CHECK(CountOf(said, "samples were given up") == 1);
}

TEST_CASE("Collector: what is held and then refused for good is given up, whatever the refusal") {
  for (const StatusCode code : {StatusCode::kInvalidArgument, StatusCode::kDataLoss}) {
    const auto server = Serve(FourSamples);
    MemoryWriter writer;
    writer.refuse_append = true;
    writer.after_refusals = code;
    CollectorCounters counters;
    PollOnce(server->port(), &writer, &counters);
    CHECK(counters.polls == 1);
    CHECK(counters.unstored == 1);
    CHECK(counters.given_up_weight == 4);
  }
}

// Of a collector that is stopped while its store makes nothing durable.
CollectorCounters StoppedInVain(uint16_t port) {
  MemoryWriter writer;
  writer.commits_to_refuse = 1'000'000;
  Collector collector({{"127.0.0.1", port}}, &writer, {});
  bool all_stored = true;
  std::thread running([&] { all_stored = collector.RunOnce(); });
  http::Await([&] { return collector.counters().polls > 0; });
  collector.Stop();
  running.join();
  CHECK_FALSE(all_stored);
  return collector.counters();
}

TEST_CASE("Collector: what it cannot make durable before its end is counted as what it is") {
  WindowedTarget windowed;
  const CollectorCounters original = StoppedInVain(Serve(FourSamples)->port());
  CHECK(original.unstored == 1);
  CHECK(original.given_up_weight == 4);
  // A window is offered again, and lost to nobody.
  const CollectorCounters ours = StoppedInVain(Serve(std::ref(windowed))->port());
  CHECK(ours.unstored == 1);
  CHECK(ours.given_up_weight == 0);
  CHECK(original.stored_weight + ours.stored_weight == 0);
}

TEST_CASE("Collector: a commit that succeeds at the end after all stores what had been appended") {
  const auto server = Serve(FourSamples);
  MemoryWriter writer;
  Collector collector({{"127.0.0.1", server->port()}}, &writer, {});
  writer.commits_to_refuse = 1;
  writer.on_commit_refused = [&] { collector.Stop(); };
  CHECK(collector.RunOnce());
  CHECK(collector.counters().stored == 1);
  CHECK(collector.counters().unstored == 0);
  CHECK(collector.counters().given_up_weight == 0);
  CHECK(writer.committed_weight == 4);
}

TEST_CASE("Collector: a window that is refused is no success, though it is offered again") {
  WindowedTarget windowed;
  const auto server = Serve(std::ref(windowed));
  MemoryWriter writer;
  writer.refuse_append = true;
  Collector collector({{"127.0.0.1", server->port()}}, &writer, {});
  CHECK_FALSE(collector.RunOnce());
  CHECK(collector.counters().unstored == 1);
  CHECK(collector.counters().given_up_weight == 0);
}

TEST_CASE("HeldSamples: what comes is added, and what was held goes rather than what comes") {
  HeldSamples held;
  CHECK(held.Add(Samples(3)) == 0);
  CHECK(held.Add(Samples(4)) == 0);
  CHECK(held.profile().TotalWeight() == 7);
  const int64_t most = int64_t{1} << 48;
  Profile much;
  much.AddSample(much.InternStack(0, much.InternFrame("main")), 0, most, most);
  CHECK(held.Add(much) == 7);
  CHECK(held.Add(much) == most);
  much.AddSample(1, 0, 1, 1);
  CHECK(held.Add(much) == most + 1);
  CHECK(held.Release() == most);
  CHECK(held.empty());
}

}  // namespace
}  // namespace stacksampler::collector
