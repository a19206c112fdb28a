// SPDX-License-Identifier: MIT
#include "collector/collector.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>

#include "http/hostile_server.h"
#include "http/server.h"
#include "http/test_server.h"
#include "stacksampler/pprof.h"
#include "store/window_refs.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// A store that can be told to refuse.
class MemoryWriter : public store::StoreWriter {
 public:
  [[nodiscard]] const std::string& id() const override { return id_; }
  Result<bool> Append(const store::Record& record) override {
    if (refuse_append) return Status(StatusCode::kResourceExhausted, "disk full");
    if (stored.Stored(record.labels, record.window)) return false;
    pending.emplace_back(record.labels, record.window);
    pending_weight += record.profile->TotalWeight();
    return true;
  }
  Status Commit() override {
    if (commits_to_refuse > 0) {
      --commits_to_refuse;
      return {StatusCode::kResourceExhausted, "disk full"};
    }
    committed_weight += std::exchange(pending_weight, 0);
    for (const auto& [labels, window] : std::exchange(pending, {})) {
      stored.Remember(labels, window, 1);
    }
    return Status::Ok();
  }
  [[nodiscard]] std::vector<store::WindowRef> LastWindows(const Labels& target) const override {
    return stored.Last(target);
  }
  Status Seal() override { return Status::Ok(); }

  std::atomic<bool> refuse_append = false;
  int commits_to_refuse = 0;
  int64_t pending_weight = 0;
  int64_t committed_weight = 0;
  std::vector<std::pair<Labels, store::WindowRef>> pending;
  store::WindowRefs stored;

 private:
  std::string id_ = "0123456789abcdef";
};

std::unique_ptr<http::Server> Serve(http::Handler handler) {
  auto server = http::Server::Listen({}, std::move(handler));
  REQUIRE(server.ok());
  return std::move(*server);
}

Profile Samples(int64_t weight) {
  Profile profile;
  profile.period_ns = 5'000'000;
  profile.start_ns = 1'000'000'000;
  profile.end_ns = 2'000'000'000;
  profile.AddSample(profile.InternStack(0, profile.InternFrame("main")), 0, weight,
                    weight * profile.period_ns);
  return profile;
}

// An endpoint that, like ours, offers a window again until it is acknowledged: 10 more samples with
// each request.
struct WindowedTarget {
  int64_t sampled = 0;
  int64_t acknowledged = 0;
  uint64_t last_id = 0;
  std::vector<std::string> acks;
  std::string instance = "beef";

  http::Response operator()(const http::Request& request) {
    acks.push_back(request.Param("ack"));
    const auto [first, last] = request.params.equal_range("ack");
    const std::string latest = instance + ":" + std::to_string(last_id);
    if (std::any_of(first, last, [&](const auto& ack) { return ack.second == latest; })) {
      acknowledged = sampled;
    }
    sampled += 10;
    http::Response response;
    response.body = EncodePprof(Samples(sampled - acknowledged));
    response.headers = {{"X-Stacksampler-Instance", instance},
                        {"X-Stacksampler-Window", std::to_string(++last_id)}};
    return response;
  }
};

void PollOnce(uint16_t port, store::StoreWriter* writer, CollectorCounters* counters = nullptr) {
  Collector collector({{"127.0.0.1", port}}, writer, {});
  collector.RunOnce();
  if (counters != nullptr) *counters = collector.counters();
}

TEST_CASE("Collector: acknowledges a window only after it was stored, also after a restart") {
  WindowedTarget target;
  const auto server = Serve(std::ref(target));
  MemoryWriter writer;
  PollOnce(server->port(), &writer);
  PollOnce(server->port(), &writer);  // a new collector over the same store
  CHECK(target.acks == std::vector<std::string>{"", "beef:1"});
  CHECK(writer.committed_weight == 20);
  CHECK(target.acknowledged == 10);
}

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

TEST_CASE("Collector: an answer to another request, and an older window, are not taken") {
  WindowedTarget target;
  std::string turn = "1";
  const auto server = Serve([&](const http::Request& request) {
    http::Response response = target(request);
    response.headers.emplace_back("X-Stacksampler-Turn",
                                  turn == "ours" ? request.Param("turn") : turn);
    return response;
  });
  MemoryWriter writer;
  CollectorCounters counters;
  PollOnce(server->port(), &writer, &counters);
  CHECK(counters.failed == 1);
  turn = "ours";
  PollOnce(server->port(), &writer);
  CHECK(writer.committed_weight == 20);

  SharedDictionary dictionary(std::make_shared<Redactor>());
  Source source({"127.0.0.1", server->port()}, "reader", {{"beef", 7}}, {}, &dictionary);
  source.Stored({"beef", 5});
  REQUIRE(source.Collect().ok());
  CHECK(target.acks.back() == "beef:7");
}

TEST_CASE("Collector: whose clock was set back asks above the turn that its target has taken") {
  WindowedTarget target;
  std::vector<uint64_t> turns;
  const uint64_t taken = uint64_t{1} << 62;  // in a far future
  const auto server = Serve([&](const http::Request& request) {
    turns.push_back(std::stoull(request.Param("turn")));
    if (turns.back() > taken) return target(request);
    http::Response late;
    late.status = 409;
    late.headers = {{"X-Stacksampler-Turn", std::to_string(taken)}};
    return late;
  });
  MemoryWriter writer;
  PollOnce(server->port(), &writer);
  REQUIRE(turns.size() == 2);
  CHECK(turns[1] == taken + 1);
  CHECK(writer.committed_weight == 10);
}

TEST_CASE("Collector: our endpoint's text, met where a stranger answered first, is not stored") {
  const auto server = Serve([](const http::Request& request) {
    http::Response response;
    response.body = "elapsed 1\ngranularity 0.005\nmain 4\n";
    if (request.path == "/window") {
      response.status = 404;
    } else {
      response.headers = {{"X-Stacksampler-Instance", "beef"}};
    }
    return response;
  });
  MemoryWriter writer;
  CollectorCounters counters;
  PollOnce(server->port(), &writer, &counters);
  CHECK(counters.failed == 1);
  CHECK(writer.committed_weight == 0);
}

TEST_CASE("Collector: what the store refuses is neither acknowledged, lost nor doubled") {
  WindowedTarget target;
  const auto server = Serve(std::ref(target));
  MemoryWriter writer;
  writer.refuse_append = true;
  PollOnce(server->port(), &writer);
  writer.refuse_append = false;
  writer.commits_to_refuse = 2;
  PollOnce(server->port(), &writer);
  PollOnce(server->port(), &writer);
  CHECK(target.acks == std::vector<std::string>{"", "", "beef:2"});
  CHECK(writer.committed_weight == 30);
}

TEST_CASE("Collector: reads the original stacksampler's text by reset, counts malformed lines") {
  std::vector<std::string> asked;
  const auto server = Serve([&](const http::Request& request) {
    asked.push_back(request.path + (request.HasParam("reset") ? "?reset" : ""));
    http::Response response;
    response.body =
        "elapsed 2.5\ngranularity 0.005\nmain(app);operator new(unsigned long) 7\nno count here\n";
    return response;
  });
  MemoryWriter writer;
  CollectorCounters counters;
  PollOnce(server->port(), &writer, &counters);
  CHECK(asked == std::vector<std::string>{"/window", "/?reset"});
  CHECK(writer.committed_weight == 7);
  CHECK(counters.malformed_lines == 1);
  CHECK(counters.stored == 1);
}

// Takes requests and never answers them.
class SilentTarget {
 public:
  explicit SilentTarget(std::atomic<int>* requests)
      : server_([requests](int fd) {
          ++*requests;
          char byte = 0;
          while (recv(fd, &byte, 1, 0) > 0) {
          }
        }) {}
  [[nodiscard]] uint16_t port() const { return server_.port(); }

 private:
  http::HostileServer server_;
};

TEST_CASE("Collector: more silent targets than polls at once do not delay the others' windows") {
  WindowedTarget good;
  const auto server = Serve(std::ref(good));
  std::atomic<int> unanswered{0};
  std::vector<std::unique_ptr<SilentTarget>> silent;
  std::vector<Target> targets = {{"127.0.0.1", server->port()}};
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<SilentTarget>(&unanswered));
    targets.push_back({"127.0.0.1", silent.back()->port()});
  }
  MemoryWriter writer;
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(200);
  options.max_concurrent_polls = 4;
  Collector collector(targets, &writer, options);
  std::thread running([&] { collector.Run(); });
  http::Await([&] { return unanswered >= 60; });
  collector.Stop();
  running.join();
  // In turns with the silent ones it would have been asked four times by now.
  CHECK(good.acks.size() >= 8);
  CHECK(std::count(good.acks.begin(), good.acks.end(), "") == 1);
}

TEST_CASE("Collector: holds what reset gave while the store refuses") {
  const auto server = Serve([](const http::Request&) {
    http::Response response;
    response.body = "elapsed 1\ngranularity 0.005\nmain 4\n";
    return response;
  });
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

TEST_CASE("Collector: a dead target and a page that is no profile fail alone") {
  WindowedTarget good;
  const auto good_server = Serve(std::ref(good));
  const auto web_page = Serve([](const http::Request&) {
    http::Response response;
    response.body = "<html>\n<body>welcome</body>\n</html>\n";
    return response;
  });
  auto dead = Serve([](const http::Request&) { return http::Response(); });
  const uint16_t dead_port = dead->port();
  dead->Stop();
  MemoryWriter writer;
  Collector collector({{"127.0.0.1", dead_port},
                       {"127.0.0.1", web_page->port()},
                       {"127.0.0.1", good_server->port()}},
                      &writer, {});
  std::string said;
  {
    const CapturedStderr log;
    collector.RunOnce();
    said = log.Text();
  }
  CHECK(said.find("/window: ") != std::string::npos);
  CHECK(said.find("reader=") == std::string::npos);
  CHECK(collector.counters().failed == 2);
  CHECK(collector.counters().stored == 1);
  CHECK(writer.committed_weight == 10);
}

TEST_CASE("Collector: a target that asks for a token fails without it, and is collected with it") {
  WindowedTarget target;
  http::ServerOptions guarded;
  guarded.token = "0123456789abcdef";
  auto server = http::Server::Listen(guarded, std::ref(target));
  REQUIRE(server.ok());
  MemoryWriter writer;
  CollectorOptions options;
  for (const char* token : {"", "0123456789abcdeF", "0123456789abcdef"}) {
    options.fetch.token = token;
    Collector collector({{"127.0.0.1", (*server)->port()}}, &writer, options);
    CHECK(collector.RunOnce());
    CHECK(collector.counters().failed == (token == guarded.token ? 0 : 1));
  }
  CHECK(target.acks.size() == 1);
  CHECK(writer.committed_weight == 10);
}

TEST_CASE("Collector: a range may have empty places, a named port may not") {
  WindowedTarget good;
  const auto server = Serve(std::ref(good));
  auto gone = Serve([](const http::Request&) { return http::Response(); });
  const uint16_t empty_port = gone->port();
  gone->Stop();
  MemoryWriter writer;
  const auto run = [&](const std::vector<Target>& targets) {
    Collector collector(targets, &writer, {});
    CHECK(collector.RunOnce());
    return std::pair(collector.counters(), collector.empty_ranges());
  };
  const Target listening{"127.0.0.1", server->port(), "1..9"};
  {
    const auto [counters, empty_ranges] = run({listening, {"127.0.0.1", empty_port, "1..9"}});
    CHECK(counters.polls == 2);
    CHECK(counters.empty == 1);
    CHECK(counters.failed == 0);
    CHECK(empty_ranges == 0);
  }
  {
    // Another host, or another range: nobody answers there.
    const auto [counters, empty_ranges] =
        run({listening, {"127.0.0.2", empty_port, "1..9"}, {"127.0.0.1", empty_port, "20..29"}});
    CHECK(counters.empty == 2);
    CHECK(empty_ranges == 2);
  }
  const auto [counters, empty_ranges] = run({listening, {"127.0.0.1", empty_port}});
  CHECK(counters.failed == 1);
  CHECK(counters.empty == 0);
  CHECK(empty_ranges == 0);
}

TEST_CASE("Collector: a place of a range that fails otherwise is a failure") {
  const auto web_page = Serve([](const http::Request&) {
    http::Response response;
    response.status = 500;
    return response;
  });
  MemoryWriter writer;
  Collector collector({{"127.0.0.1", web_page->port(), "1..9"}}, &writer, {});
  collector.RunOnce();
  CHECK(collector.counters().failed == 1);
  CHECK(collector.empty_ranges() == 0);
}

TEST_CASE("Collector: an instance that could forge a request line is refused") {
  const auto server = Serve([](const http::Request&) {
    http::Response response;
    response.body = EncodePprof(Samples(1));
    response.headers = {{"X-Stacksampler-Instance", "1&ack=9 HTTP/1.1"},
                        {"X-Stacksampler-Window", "1"}};
    return response;
  });
  MemoryWriter writer;
  CollectorCounters counters;
  PollOnce(server->port(), &writer, &counters);
  CHECK(counters.failed == 1);
  CHECK(writer.committed_weight == 0);
}

}  // namespace
}  // namespace stacksampler::collector
