// SPDX-License-Identifier: MIT
// Several processes that answer at one address.
#include <chrono>
#include <functional>
#include <thread>

#include "collector/collector_support.h"
#include "collector/source.h"
#include "http/test_server.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// Processes that listen at one address: the kernel chooses who answers.
struct Crowd {
  std::vector<WindowedTarget> processes;
  size_t next = 0;

  explicit Crowd(size_t count) : processes(count) {
    for (size_t i = 0; i < count; ++i) processes[i].instance = "beef" + std::to_string(i);
  }
  http::Response operator()(const http::Request& request) {
    return processes[next++ % processes.size()](request);
  }
  [[nodiscard]] int64_t sampled() const {
    int64_t sum = 0;
    for (const WindowedTarget& process : processes) sum += process.sampled;
    return sum;
  }
};

TEST_CASE("Collector: a restart acknowledges every process that answers at one address") {
  for (const size_t processes : {size_t{2}, size_t{9}, store::kMaxInstances}) {
    INFO(processes);
    Crowd crowd(processes);
    const auto server = Serve(std::ref(crowd));
    MemoryWriter writer;
    // Each poll by a new collector, over the same store.
    for (size_t poll = 0; poll < 2 * processes; ++poll) PollOnce(server->port(), &writer);
    CHECK(writer.committed_weight == crowd.sampled());
  }
}

TEST_CASE("Source: of more processes at one address than it remembers it tells who repeats") {
  constexpr size_t kProcesses = store::kMaxInstances + 1;
  Crowd crowd(kProcesses);
  const auto server = Serve(std::ref(crowd));
  SharedDictionary dictionary(std::make_shared<Redactor>());
  Source source({"127.0.0.1", server->port()}, "reader", {}, {}, &dictionary);
  for (size_t poll = 0; poll < 2 * kProcesses; ++poll) {
    const auto collected = source.Collect();
    REQUIRE(collected.ok());
    // Round by round each was forgotten for the one before it.
    CHECK(collected->repeats == (poll >= kProcesses));
    source.Stored(collected->window);
  }
  crowd.next = kProcesses - 1;  // heard of last, so still known
  CHECK_FALSE(source.Collect()->repeats);
}

TEST_CASE("Collector: a window that repeats is left out, counted and told") {
  Crowd crowd(store::kMaxInstances + 1);
  MemoryWriter writer;
  // The first is forgotten when the last is stored, and asks from then on.
  const auto server = Serve([&](const http::Request& request) {
    WindowedTarget& last = crowd.processes.back();
    return last.acknowledged > 0 ? crowd.processes.front()(request) : last(request);
  });
  const Target target{"127.0.0.1", server->port()};
  for (size_t i = 0; i < store::kMaxInstances; ++i) {
    writer.stored.Remember(target.AsLabels(), {crowd.processes[i].instance, 1}, 1);
  }
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(200);
  Collector collector({target}, &writer, options);
  std::string said;
  {
    const CapturedStderr log;
    std::thread running([&] { collector.Run(); });
    http::Await([&] { return collector.counters().left_out > 0; });
    collector.Stop();
    running.join();
    said = log.Text();
  }
  CHECK(said.find("too many processes answer at one address") != std::string::npos);
  CHECK(said.find("left_out=") != std::string::npos);
}

}  // namespace
}  // namespace stacksampler::collector
