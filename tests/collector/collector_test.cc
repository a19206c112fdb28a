// SPDX-License-Identifier: MIT
#include "collector/collector.h"

#include <sys/socket.h>

#include <atomic>
#include <functional>

#include "collector/collector_support.h"
#include "http/hostile_server.h"
#include "http/server.h"
#include "http/test_server.h"
#include "http/tls/open.h"
#include "stacksampler/pprof.h"
#include "support/captured_stderr.h"
#include "support/catch.h"
#include "support/temporary_folder.h"
#include "support/test_certificates.h"

namespace stacksampler::collector {
namespace {

TEST_CASE("Collector: collects from a unix socket as from a port") {
  const tests::TemporaryFolder folder;
  WindowedTarget target;
  http::ServerOptions options;
  options.host = "unix:" + folder / "app.sock";
  const auto server = http::Server::Listen(options, std::ref(target));
  REQUIRE(server.ok());
  MemoryWriter writer;
  for (int i = 0; i < 2; ++i) Collector({{options.host}}, &writer, {}).RunOnce();
  CHECK(target.acks == std::vector<std::string>{"", "beef:1"});
  CHECK(writer.committed_weight == 20);
  CHECK(writer.LastWindows(Target{options.host}.AsLabels()).size() == 1);
}

TEST_CASE(
    "Collector: polls targets with TLS and without beside each other, and refuses strangers") {
  const auto& certificates = tests::TestCertificates::Get();
  const auto serve = [](const tests::TestCertificates::Files& files, WindowedTarget* target) {
    http::ServerOptions options;
    options.tls = *http::OpenTlsServer(files.cert, files.key);
    options.token = "0123456789abcdef";
    auto server = http::Server::Listen(options, std::ref(*target));
    REQUIRE(server.ok());
    return *std::move(server);
  };
  WindowedTarget good;
  WindowedTarget stranger;
  WindowedTarget plain;
  const auto good_server = serve(certificates.good(), &good);
  const auto strange_server = serve(certificates.elsewhere(), &stranger);
  const auto plain_server = Serve(std::ref(plain));
  CollectorOptions options;
  options.fetch.token = "0123456789abcdef";
  options.fetch.tls = *http::OpenTlsClient(certificates.ca());
  MemoryWriter writer;
  Collector collector({{"localhost", good_server->port(), "", true},
                       {"localhost", strange_server->port(), "", true},
                       {"localhost", plain_server->port()}},
                      &writer, options);
  collector.RunOnce();
  CHECK(writer.committed_weight == 20);
  CHECK(collector.counters().failed == 1);
  CHECK(good.acks.size() == 1);
  CHECK(stranger.acks.empty());
  CHECK(plain.acks.size() == 1);
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
  constexpr int kSilent = 8;
  WindowedTarget good;
  std::atomic<int> asked{0};
  const auto server = Serve([&](const http::Request& request) {
    ++asked;
    return good(request);
  });
  std::atomic<int> unanswered{0};
  std::vector<std::unique_ptr<SilentTarget>> silent;
  std::vector<Target> targets = {{"127.0.0.1", server->port()}};
  for (int i = 0; i < kSilent; ++i) {
    silent.push_back(std::make_unique<SilentTarget>(&unanswered));
    targets.push_back({"127.0.0.1", silent.back()->port()});
  }
  MemoryWriter writer;
  CollectorOptions options;
  options.interval = std::chrono::milliseconds(200);
  options.max_concurrent_polls = 4;
  Collector collector(targets, &writer, options);
  std::thread running([&] { collector.Run(); });
  // In turns with the silent ones it would never be ahead of them.
  http::Await([&] { return asked * kSilent > unanswered + 6 * kSilent; });
  collector.Stop();
  running.join();
  CHECK(std::count(good.acks.begin(), good.acks.end(), "") == 1);
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
