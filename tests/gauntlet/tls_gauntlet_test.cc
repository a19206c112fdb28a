// SPDX-License-Identifier: MIT
// What strangers do to our programs before any of them has agreed on TLS.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/raw_socket.h"
#include "http/tls/open.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/program.h"
#include "support/test_certificates.h"

namespace stacksampler {
namespace {

constexpr size_t kMaxGrowthBytes = size_t{8} << 20;
constexpr int kPeers = 1000;

struct TlsAttack {
  std::string name;
  std::function<void(uint16_t port)> run;
};

http::FetchOptions Trusting() {
  http::FetchOptions fetch;
  fetch.total_timeout = std::chrono::seconds(100);
  auto tls = http::OpenTlsClient(tests::TestCertificates::Get().ca());
  REQUIRE(tls.ok());
  fetch.tls = *std::move(tls);
  return fetch;
}

// A machine under load may let a handshake miss the header's deadline.
bool IsServed(uint16_t port, const http::FetchOptions& fetch) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    const auto answer = http::Get("localhost", port, "/", fetch);
    if (answer.ok()) return answer->status == 200;
  }
  return false;
}

std::string ClientHello(const http::FetchOptions& fetch) {
  return (*fetch.tls->NewSession("localhost"))->TakeWire();
}

// They stay while the server is asked by others.
TlsAttack Crowd(const std::string& name, const std::string& bytes,
                const http::FetchOptions& fetch) {
  return {name, [=](uint16_t port) {
            std::vector<http::RawSocket> peers;
            for (int i = 0; i < kPeers; ++i) {
              peers.emplace_back(port);
              peers.back().Send(bytes);
              if (i % 100 == 99) CHECK(IsServed(port, fetch));
            }
          }};
}

void SendDamaged(uint16_t port, const std::string& hello) {
  std::mt19937 random(17);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = hello;
    // The first byte would make it no TLS.
    for (int change = 0; change < 4; ++change) {
      bytes[1 + random() % (bytes.size() - 1)] = static_cast<char>(random());
    }
    http::RawSocket peer(port);
    peer.Send(bytes);
    if (i % 2 == 0) peer.Send("GET / HTTP/1.1\r\n\r\n");
    peer.Reset();
  }
}

void ResetAfterEveryByte(uint16_t port, const std::string& hello) {
  for (size_t bytes = 0; bytes <= hello.size(); ++bytes) {
    http::RawSocket peer(port);
    peer.Send(hello.substr(0, bytes));
    peer.Reset();
  }
}

void SendEndlessHandshake(uint16_t port) {
  std::string record("\x16\x03\x01\x40\x00\x01\xff\xff\xff", 9);
  record.resize(5 + 0x4000, 'x');
  for (int i = 0; i < 20; ++i) {
    http::RawSocket peer(port);
    while (peer.Send(record) && !peer.IsClosedByPeer()) {
    }
  }
}

std::vector<TlsAttack> TlsAttacks(const http::FetchOptions& fetch) {
  const std::string hello = ClientHello(fetch);
  return {
      Crowd("1,000 peers that say nothing", "", fetch),
      Crowd("1,000 peers in the middle of a handshake", hello.substr(0, hello.size() / 2), fetch),
      Crowd("1,000 peers that do not answer the server's part", hello, fetch),
      {"500 damaged handshakes", [=](uint16_t port) { SendDamaged(port, hello); }},
      {"a reset after every byte", [=](uint16_t port) { ResetAfterEveryByte(port, hello); }},
      {"endless handshake", SendEndlessHandshake}};
}

void Withstands(std::vector<std::string> args) {
  Program program(std::move(args));
  const std::string line = program.ReadLine();  // "PORT" or "https://localhost:PORT/"
  const size_t colon = line.rfind(':');
  const auto port =
      static_cast<uint16_t>(std::stoul(line.substr(colon == std::string::npos ? 0 : colon + 1)));
  const http::FetchOptions fetch = Trusting();
  for (int i = 0; i < 20; ++i) CHECK(IsServed(port, fetch));  // what it allocates once is there
  for (const TlsAttack& attack : TlsAttacks(fetch)) {
    INFO(attack.name);
    program.ResetPeak();
    const size_t before = program.ResidentBytes();
    attack.run(port);
    CHECK(program.lives());
    CHECK(IsServed(port, fetch));
    CHECK(program.PeakBytes() <= before + kMaxGrowthBytes);
  }
}

void AllowManyDescriptors() {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace

TEST_CASE("TLS gauntlet: the endpoint lives, serves others and grows by no more than 8 MiB") {
  AllowManyDescriptors();
  const auto files = tests::TestCertificates::Get().good();
  Withstands({STACKSAMPLER_GAUNTLET_SERVICE, files.cert, files.key});
}

TEST_CASE("TLS gauntlet: the visualizer lives, serves others and grows by no more than 8 MiB") {
  AllowManyDescriptors();
  const store::TempDir dir;
  REQUIRE(store::OpenWriter(dir.path("db")).ok());
  const auto files = tests::TestCertificates::Get().good();
  Withstands({STACKSAMPLER_BIN_DIR "/visualizer", "--host", "localhost", "--port", "0",
              "--tls-cert", files.cert, "--tls-key", files.key, "--dbpath", dir.path("db")});
}

}  // namespace stacksampler
