// SPDX-License-Identifier: MIT
// Peers that are slow or many cost slots, never a thread, and the oldest of them make room.
#include <chrono>
#include <string>
#include <vector>

#include "http/process_state.h"
#include "http/raw_socket.h"
#include "http/server.h"
#include "http/test_server.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

constexpr int kSmallBufferBytes = 4096;
constexpr size_t kBigBytes = 24 << 20;
constexpr size_t kMaxGrowthBytes = 16 << 20;

std::string BigTarget(size_t bytes) { return "/big?bytes=" + std::to_string(bytes); }

}  // namespace

TEST_CASE("Server slow peers: hundreds that drip their header do not hold up one that asks") {
  TestServer server;
  const size_t descriptors_before = OpenDescriptors();
  const size_t resident_before = SettledResidentBytes();
  std::vector<RawSocket> drippers;
  for (int i = 0; i < 300; ++i) {
    drippers.emplace_back(server.port());
    REQUIRE(drippers.back().Send("GET / HT"));
    if (i % 10 == 0) CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
    for (RawSocket& dripper : drippers) dripper.Send("T");
  }
  CHECK(server.requests() == 30);
  // The drippers' own ends, and at most max_connections of the server's.
  CHECK(OpenDescriptors() <= descriptors_before + 300 + ServerOptions().max_connections + 1);
  CHECK(SettledResidentBytes() <= resident_before + kMaxGrowthBytes);
  CHECK(server.server().counters().evicted > 0);
}

TEST_CASE("Server slow peers: a header that misses its deadline is a 408, silence just ends") {
  ServerOptions options = PatientOptions();
  options.header_deadline = std::chrono::milliseconds(50);
  TestServer server(options);
  RawSocket half(server.port());
  REQUIRE(half.Send("GET / HTTP/1.1\r\nHost: local"));
  RawSocket silent(server.port());
  CHECK(StatusOf(half.ReceiveAll()) == 408);
  CHECK(silent.ReceiveAll() == "");
  half.Reset();
  server.AwaitCounter(&ServerCounters::timed_out, 2);
  CHECK(server.requests() == 0);
}

TEST_CASE("Server slow peers: those that do not read their answer hold no worker") {
  TestServer server;
  std::vector<RawSocket> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back(server.port());
    REQUIRE(readers.back().Send(GetRequest(BigTarget(kBigBytes))));
  }
  for (int i = 0; i < 20; ++i) CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
  for (RawSocket& reader : readers) CHECK(BodyOf(reader.ReceiveAll()).size() == kBigBytes);
}

TEST_CASE("Server slow peers: an answer that is not read by its deadline is given up") {
  ServerOptions options = PatientOptions();
  options.response_deadline = std::chrono::milliseconds(50);
  TestServer server(options);
  RawSocket reader(server.port());
  REQUIRE(reader.Send(GetRequest(BigTarget(kBigBytes))));
  server.AwaitCounter(&ServerCounters::timed_out, 1);
  CHECK(reader.ReceiveAll().size() < kBigBytes);
}

TEST_CASE("Server slow peers: unread answers past the memory budget go, the oldest first") {
  TestServer server;
  constexpr size_t kHuge = 60 << 20;
  std::vector<RawSocket> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back(server.port());
    REQUIRE(readers.back().Send(GetRequest(BigTarget(kHuge))));
    Await([&] { return server.requests() > i; });
  }
  server.AwaitCounter(&ServerCounters::evicted, 1);
  CHECK(readers[0].ReceiveAll().size() < kHuge);
  CHECK(BodyOf(readers[2].ReceiveAll()).size() == kHuge);
  CHECK(server.server().counters().evicted == 1);
}

TEST_CASE("Server slow peers: a smaller budget holds fewer unread answers") {
  ServerOptions options = PatientOptions();
  options.max_unsent_bytes = 4 << 20;
  TestServer server(options);
  std::vector<RawSocket> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back(server.port());
    REQUIRE(readers.back().Send(GetRequest(BigTarget(kBigBytes))));
    Await([&] { return server.requests() > i; });
  }
  // What the sockets' buffers hold is far less than an answer: each but the newest is one too many.
  server.AwaitCounter(&ServerCounters::evicted, 3);
  for (int i = 0; i < 3; ++i) CHECK(readers[i].ReceiveAll().size() < kBigBytes);
  CHECK(BodyOf(readers[3].ReceiveAll()).size() == kBigBytes);
  CHECK(server.server().counters().evicted == 3);
}

TEST_CASE("Server slow peers: more readers than slots make room for one that asks") {
  ServerOptions options = PatientOptions();
  options.max_connections_per_address = 4;
  TestServer server(options);
  std::vector<RawSocket> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back(server.port(), kSmallBufferBytes);
    REQUIRE(readers.back().Send(GetRequest(BigTarget(kBigBytes))));
    Await([&] { return server.requests() > i; });
  }
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
}

TEST_CASE("Server slow peers: an address whose slots all wait for the handler gets a 503") {
  ServerOptions options = PatientOptions();
  options.max_connections_per_address = 3;
  TestServer server(options);
  std::vector<RawSocket> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back(server.port());
    REQUIRE(waiting.back().Send(GetRequest("/wait")));
  }
  Await([&] { return server.server().counters().accepted == 3 && server.waiting() == 1; });
  RawSocket fourth(server.port());
  const std::string answer = fourth.ReceiveAll();
  CHECK(StatusOf(answer) == 503);
  CHECK(server.server().counters().turned_away == 1);
  server.Release();
  for (RawSocket& socket : waiting) CHECK(StatusOf(socket.ReceiveAll()) == 200);
}

TEST_CASE("Server slow peers: when all slots wait for the handler, newcomers wait in line") {
  ServerOptions options = PatientOptions();
  options.max_connections = 2;
  TestServer server(options);
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 5; ++i) {
    sockets.emplace_back(server.port());
    REQUIRE(sockets.back().Send(GetRequest("/wait")));
    if (i < 2) server.AwaitCounter(&ServerCounters::passed, static_cast<uint64_t>(i) + 1);
  }
  server.Release();
  for (RawSocket& socket : sockets) CHECK(StatusOf(socket.ReceiveAll()) == 200);
  CHECK(server.server().counters().evicted == 0);
}

TEST_CASE("Server slow peers: two hundred connections at once leave it answering") {
  TestServer server;
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 200; ++i) sockets.emplace_back(server.port());
  for (RawSocket& socket : sockets) socket.Send(GetRequest("/"));
  int answered = 0;
  for (RawSocket& socket : sockets) answered += StatusOf(socket.ReceiveAll()) == 200 ? 1 : 0;
  CHECK(answered > 0);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
}

TEST_CASE("Server slow peers: those that hang up or reset in any phase are forgotten") {
  TestServer server;
  const size_t descriptors_before = OpenDescriptors();
  for (uint64_t round = 1; round <= 50; ++round) {
    RawSocket(server.port()).Reset();
    RawSocket half(server.port());
    half.Send("GET / HT");
    half.Reset();
    RawSocket reader(server.port(), kSmallBufferBytes);
    reader.Send(GetRequest(BigTarget(kBigBytes)));
    reader.Reset();
    server.AwaitCounter(&ServerCounters::left, 3 * round);
  }
  CHECK(OpenDescriptors() == descriptors_before);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
}

TEST_CASE("Server slow peers: a request whose peer has reset while it waits is never run") {
  TestServer server;
  RawSocket first(server.port());
  REQUIRE(first.Send(GetRequest("/wait")));
  Await([&] { return server.waiting() == 1; });
  for (uint64_t i = 1; i <= 100; ++i) {
    RawSocket second(server.port());
    REQUIRE(second.Send(GetRequest("/?reset=true")));
    server.AwaitCounter(&ServerCounters::accepted, 1 + i);
    second.Reset();
    server.AwaitCounter(&ServerCounters::left, i);
  }
  server.Release();
  CHECK(StatusOf(first.ReceiveAll()) == 200);
  CHECK(server.resets() == 0);
}

}  // namespace stacksampler::http
