// SPDX-License-Identifier: MIT
#include "http/listener.h"

#include <fcntl.h>

#include <string>

#include "support/catch.h"

namespace stacksampler::http {
namespace {

bool Mentions(const Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

// The first of two neighbouring free ports, held until the value dies.
Listener ListenBelowFreePort() {
  while (true) {
    auto first = OpenListener("127.0.0.1", 0, 0);
    REQUIRE(first.ok());
    if (first->port == UINT16_MAX) continue;
    const auto next = OpenListener("127.0.0.1", static_cast<uint16_t>(first->port + 1), 0);
    if (next.ok()) return *std::move(first);
  }
}

}  // namespace

TEST_CASE("OpenListener: a taken port is refused, naming it and the way out") {
  const auto first = OpenListener("127.0.0.1", 0, 0);
  REQUIRE(first.ok());
  const auto second = OpenListener("127.0.0.1", first->port, 0);
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(Mentions(second.status(), "127.0.0.1:" + std::to_string(first->port)));
  CHECK(Mentions(second.status(), "pass another port"));
  CHECK_FALSE(Mentions(second.status(), "range"));
  CHECK(Mentions(OpenListener("127.0.0.1", first->port, 0, "call somebody").status(),
                 "taken; call somebody"));
}

TEST_CASE("OpenListener: takes the first free port of a range") {
  const Listener taken = ListenBelowFreePort();
  const auto next_port = static_cast<uint16_t>(taken.port + 1);
  const auto listener = OpenListener("127.0.0.1", taken.port, next_port);
  REQUIRE(listener.ok());
  CHECK(listener->port == next_port);
  const auto third = OpenListener("127.0.0.1", taken.port, next_port);
  REQUIRE_FALSE(third.ok());
  CHECK(third.status().code() == StatusCode::kAlreadyExists);
  CHECK(Mentions(third.status(), std::to_string(taken.port) + ".." + std::to_string(next_port)));
}

TEST_CASE("OpenListener: refuses ranges that run backwards and hosts that are not here") {
  CHECK(OpenListener("127.0.0.1", 5000, 4999).status().code() == StatusCode::kInvalidArgument);
  CHECK(OpenListener("127.0.0.1", 0, 10).status().code() == StatusCode::kInvalidArgument);
  CHECK(OpenListener("", 0, 0).status().code() == StatusCode::kInvalidArgument);
  CHECK(OpenListener("256.0.0.1", 0, 0).status().code() == StatusCode::kInvalidArgument);
  const auto foreign = OpenListener("192.0.2.1", 0, 0);  // TEST-NET: nobody's address
  REQUIRE_FALSE(foreign.ok());
  CHECK(Mentions(foreign.status(), "192.0.2.1"));
}

TEST_CASE("OpenListener: its socket does not block and does not survive exec") {
  const auto listener = OpenListener("localhost", 0, 0);
  REQUIRE(listener.ok());
  CHECK((fcntl(listener->fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(listener->fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

}  // namespace stacksampler::http
