// SPDX-License-Identifier: MIT
// What became of other servers in 2026, tried on ours. Each attack is tried twice: it fails here,
// and succeeds where its one defence is left out. Some have nothing here that they could attack:
// those succeed on a server, or a client, with the habit that they need.
#include <atomic>
#include <functional>
#include <string>

#include "base/defence.h"
#include "base/gzip.h"
#include "collector/redact.h"
#include "endpoint/routes.h"
#include "gauntlet/running_server.h"
#include "http/client.h"
#include "http/hostile_server.h"
#include "http/raw_socket.h"
#include "http/test_server.h"
#include "store/checksum.h"
#include "support/catch.h"
#include "support/fake_store_reader.h"
#include "visualizer/routes.h"

namespace stacksampler {

std::atomic<int> left_out{-1};

bool Stands(Defence defence) { return static_cast<int>(defence) != left_out; }

namespace {

using http::GetRequest;
using http::RawSocket;

constexpr char kToken[] = "correct-horse-battery-staple";
const std::string kTrusted = std::string("Authorization: Bearer ") + kToken + "\r\n";
const std::string kLast = "Connection: close\r\n";

/// Whether the attack succeeds.
using Attack = std::function<bool()>;
using ServerAttack = std::function<bool(uint16_t port)>;

void CheckNeeds(Defence defence, const Attack& succeeds) {
  CHECK_FALSE(succeeds());
  left_out = static_cast<int>(defence);
  CHECK(succeeds());
  left_out = -1;
}

http::ServerOptions Guarded() {
  http::ServerOptions options = http::PatientOptions();
  options.token = kToken;
  return options;
}

void CheckNeedsCarelessness(const ServerAttack& succeeds) {
  const http::TestServer ours(Guarded());
  CHECK_FALSE(succeeds(ours.port()));
  const RunningServer careless({STACKSAMPLER_CARELESS_SERVER});
  CHECK(succeeds(careless.port));
}

// Whether this request reaches the code behind the server.
bool IsHandled(const std::string& request, const http::ServerOptions& options) {
  const http::TestServer server(options);
  http::Ask(server.port(), request);
  return server.requests() > 0;
}

bool Answers(const std::string& answer, const std::string& what) {
  return answer.find(what) != std::string::npos;
}

Profile Named(const std::string& name) {
  Profile profile;
  profile.period_ns = 1;
  const StackId stack = profile.InternStack(0, profile.InternFrame(name));
  profile.AddSample(stack, profile.InternLabels({{"thread", "t"}}), 1, 1);
  return profile;
}

}  // namespace

TEST_CASE("CVE-2026-32596 and parca 6365: whoever reaches a port without a login reads it") {
  CheckNeeds(Defence::kToken, [] { return IsHandled(GetRequest("/?reset=1"), Guarded()); });
}

TEST_CASE("CVE-2026-32632 and 46611: a page reads a server by DNS rebinding") {
  CheckNeeds(Defence::kHostNames, [] {
    return IsHandled("GET /?reset=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                     http::PatientOptions());
  });
}

TEST_CASE("CVE-2026-33533 and 34839: a page of another site acts in its reader's name") {
  const auto sampler = *Sampler::Start({});
  endpoint::Routes routes(sampler);
  const http::Request reset{
      "GET", "/", {{"reset", "true"}}, {{"origin", "http://evil.example"}}, "127.0.0.1"};
  CheckNeeds(Defence::kOtherSites, [&] { return routes.Answer(reset).status == 200; });
  CHECK(sampler->Stop().ok());
}

TEST_CASE("CVE-2026-32610 and 46608: a page of another site is told that it may read") {
  CheckNeedsCarelessness([](uint16_t port) {
    const std::string page = "Origin: http://evil.example\r\n" + kTrusted + kLast;
    return Answers(http::Ask(port, GetRequest("/", page)), "\r\nAccess-Control-Allow-Origin: ");
  });
}

TEST_CASE("CVE-2026-32609: what is served tells of the user who runs it") {
  const collector::Redactor redactor;
  CheckNeeds(Defence::kHomes,
             [&] { return Answers(redactor.Text("/home/ann/trade/main.cc"), "ann"); });
}

TEST_CASE("CVE-2026-32608 and 46606: the name of something observed becomes code") {
  FakeStoreReader store;
  store.Add({{"host", "h"}}, 1, Named("<img src=x onerror=alert(1)>"));
  const http::Handler visualizer = visualizer::MakeHandler(&store, [] { return 2; });
  CheckNeeds(Defence::kMarkup, [&] {
    const auto answer = visualizer({"GET", "/data", {{"from", "1970-01-01T00:00:00Z"}}, {}, ""});
    REQUIRE(Answers(answer.body, "onerror"));
    return Answers(answer.body, "<img");
  });
}

TEST_CASE("CVE-2026-35587: a peer sends us on to somebody who trusts us") {
  std::atomic<bool> is_asked{false};
  const http::HostileServer inner([&](int) { is_asked = true; });
  const http::HostileServer outer("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " +
                                  std::to_string(inner.port()) + "\r\n\r\n");
  const auto fetched = http::Get("127.0.0.1", outer.port(), "/", {});
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 302);
  CHECK_FALSE(is_asked);
  // One that follows.
  const std::string answer = http::Ask(outer.port(), GetRequest("/"));
  http::Ask(static_cast<uint16_t>(std::stoul(http::HeaderOf(answer, "Location"))), GetRequest("/"));
  CHECK(is_asked);
}

TEST_CASE("CVE-2026-46607: bytes of a cache are believed, whoever wrote them") {
  const std::string stored = store::PackBlock("key", "what was stored");
  const std::string forged = store::PackBlock("other key", "what a stranger wrote");
  const size_t check_bytes = 8;
  const std::string mixed = stored.substr(0, check_bytes) + forged.substr(check_bytes);
  CheckNeeds(Defence::kSealedBytes, [&] { return store::UnpackBlock("key", mixed).ok(); });
}

TEST_CASE("CVE-2026-22776: a small body becomes a large one") {
  const std::string bomb = GzipCompress(std::string(size_t{32} << 20, '\0'));
  const std::string length = "Content-Length: " + std::to_string(bomb.size()) + "\r\n";
  CheckNeeds(Defence::kBodies, [&] {
    return IsHandled(GetRequest("/", "Content-Encoding: gzip\r\n" + length) + bomb,
                     http::PatientOptions());
  });
  const http::HostileServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + length +
                                   "\r\n" + bomb);
  http::FetchOptions options;
  options.max_body_bytes = size_t{1} << 20;
  CheckNeeds(Defence::kInflatedBytes,
             [&] { return http::Get("127.0.0.1", server.port(), "/", options).ok(); });
}

TEST_CASE("CVE-2026-45352: a chunk of a negative size is read without end") {
  CheckNeeds(Defence::kBodies, [] {
    return IsHandled(GetRequest("/", "Transfer-Encoding: chunked\r\n") + "-2\r\nab\r\n",
                     http::PatientOptions());
  });
}

TEST_CASE("CVE-2026-34441: the bytes behind a request are run as a second one") {
  CheckNeedsCarelessness([](uint16_t port) {
    const std::string second = GetRequest("/?reset=true", kTrusted + kLast);
    const std::string answers = http::Ask(port, GetRequest("/", kTrusted) + second);
    return Answers(answers.substr(1), "HTTP/1.1 200");
  });
}

TEST_CASE("CVE-2026-45372: an escaped line end in a header becomes a line end") {
  CheckNeedsCarelessness([](uint16_t port) {
    const std::string header = "X: a%0d%0aSet-Cookie: evil\r\n" + kTrusted + kLast;
    return Answers(http::Ask(port, GetRequest("/show?name=x", header)), "\nSet-Cookie");
  });
}

TEST_CASE("CVE-2026-28434: an answer tells the text of an exception") {
  CheckNeedsCarelessness([](uint16_t port) {
    return Answers(http::Ask(port, GetRequest("/throw", kTrusted + kLast)), "secret");
  });
}

TEST_CASE("brpc 3525: a connection is trusted once its first request was") {
  CheckNeedsCarelessness([](uint16_t port) {
    RawSocket socket(port);
    socket.Send(GetRequest("/", kTrusted));
    socket.Send(GetRequest("/", kLast));
    return Answers(socket.ReceiveAll().substr(1), "HTTP/1.1 200");
  });
}

TEST_CASE("cpp-httplib 8824017: a long path overflows the stack of a route's expression") {
  CheckNeedsCarelessness([](uint16_t port) {
    http::Ask(port, GetRequest("/" + std::string(4000, 'a'), kTrusted + kLast));
    return http::Ask(port, GetRequest("/", kTrusted + kLast)).empty();
  });
}

}  // namespace stacksampler
