// SPDX-License-Identifier: MIT
#include "endpoint/address.h"

#include "support/catch.h"

namespace stacksampler::endpoint {
namespace {

TEST_CASE("ParseAddress: host and port, a range, a bare port, off") {
  const auto plain = ParseAddress("0.0.0.0:16384");
  REQUIRE(plain.ok());
  CHECK(plain->host == "0.0.0.0");
  CHECK(plain->port == 16384);
  CHECK(plain->last_port == 0);
  const auto range = ParseAddress("[::1]:16384..16390");
  REQUIRE(range.ok());
  CHECK(range->host == "[::1]");
  CHECK(range->last_port == 16390);
  CHECK(ParseAddress("9000")->host == "127.0.0.1");
  CHECK(ParseAddress("off")->off);
}

TEST_CASE("ParseAddress: names what it cannot read") {
  for (const std::string text : {"", ":1", "host:", "host:0", "host:65536", "host:2..1",
                                 "host:1..x", "unix:", "unix:run/x", "unix:1"}) {
    INFO(text);
    const auto address = ParseAddress(text);
    REQUIRE_FALSE(address.ok());
    CHECK(address.status().message().find("'" + text + "'") != std::string::npos);
  }
}

TEST_CASE("ParseAddress: a unix socket") {
  const auto address = ParseAddress("unix:/run/app/profile.sock");
  REQUIRE(address.ok());
  CHECK(address->host == "unix:/run/app/profile.sock");
  CHECK(address->port == 0);
}

TEST_CASE("ParseHosts: names between commas") {
  CHECK(ParseHosts("") == std::vector<std::string>());
  CHECK(ParseHosts("web-1,,web-1.example,") == std::vector<std::string>{"web-1", "web-1.example"});
}

}  // namespace
}  // namespace stacksampler::endpoint
