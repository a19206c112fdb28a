// SPDX-License-Identifier: MIT
// Which windows are asked for, taken and acknowledged.
#include <functional>

#include "collector/collector_support.h"
#include "collector/source.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

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

}  // namespace
}  // namespace stacksampler::collector
