// SPDX-License-Identifier: MIT
#include "collector/targets.h"

#include <map>
#include <string>
#include <vector>

#include "http/address.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

TEST_CASE("ParsePorts: reads one port, lists and ranges, in order and once") {
  const auto ports = [](const std::string& text) {
    std::vector<uint16_t> numbers;
    const auto parsed = ParsePorts(text);
    for (const Port& port : *parsed) numbers.push_back(port.number);
    return numbers;
  };
  CHECK(ports("16384") == std::vector<uint16_t>{16384});
  CHECK(ports("2,1,2") == std::vector<uint16_t>{2, 1});
  CHECK(ports("16384..16387") == std::vector<uint16_t>{16384, 16385, 16386, 16387});
  CHECK(ports("1,3..4,65535") == std::vector<uint16_t>{1, 3, 4, 65535});
}

TEST_CASE("ParsePorts: names the part that is no port") {
  for (const std::string text : {"", "0", "65536", "-1", "x", "1,", ",1", "1..", "..1", "1..2..3",
                                 " 1", "1;2", "1..65536"}) {
    const auto ports = ParsePorts(text);
    INFO(text);
    REQUIRE_FALSE(ports.ok());
    CHECK(ports.status().code() == StatusCode::kInvalidArgument);
    CHECK(ports.status().message().find("is not a port; write 16384") != std::string::npos);
  }
}

TEST_CASE("ParsePorts: says of a backward range which way it runs") {
  CHECK(ParsePorts("80,16390..16384").status().message() ==
        "--ports '80,16390..16384': '16390..16384' runs backwards; write 16384..16390");
}

TEST_CASE("ParsePorts: a port of a range knows it, one that is named as well does not") {
  const auto ports = ParsePorts("1..3,2,9,8..9");
  REQUIRE(ports.ok());
  std::string text;
  for (const Port& port : *ports) text += std::to_string(port.number) + '[' + port.range + "] ";
  CHECK(text == "1[1..3] 2[] 3[1..3] 9[] 8[8..9] ");
}

TEST_CASE("MakeTargets: a host is no URL and has no port, IPv6 literals have colons") {
  for (const std::string host : {"http://localhost:16384", "localhost:16384", "[::1]:16384",
                                 "localhost/", "web 1", "1.2.3.4:5", "[web-1"}) {
    const auto targets = MakeTargets({host}, "80");
    INFO(host);
    REQUIRE_FALSE(targets.ok());
    CHECK(targets.status().message() ==
          "--host '" + host + "': write the host alone, and the port in --ports");
  }
  CHECK(MakeTargets({"::1", "[fe80::1%eth0]", "fe80::2%lo", "::ffff:1.2.3.4", "1.2.3.4", "web_1"},
                    "80")
            .ok());
}

TEST_CASE("MakeTargets: every host with every port, brackets and duplicates taken off") {
  const auto targets = MakeTargets({"web-1", "[::1]", "::1"}, "80,81");
  REQUIRE(targets.ok());
  REQUIRE(targets->size() == 4);
  CHECK((*targets)[0].Name() == "web-1:80");
  CHECK((*targets)[3].Name() == "[::1]:81");
  CHECK((*targets)[3].AsLabels() == Labels{{"host", "::1"}, {"port", "81"}});
}

TEST_CASE("MakeTargets: a unix socket is one target, a port of this machine") {
  const auto targets = MakeTargets({"unix:/run/a.sock", "web-1", "unix:/run/a.sock"}, "80,81");
  REQUIRE(targets.ok());
  REQUIRE(targets->size() == 3);
  CHECK((*targets)[0].Name() == "unix:/run/a.sock");
  CHECK((*targets)[0].range.empty());
  CHECK((*targets)[0].AsLabels() ==
        Labels{{"host", http::OwnHostNames()[0]}, {"port", "unix:/run/a.sock"}});
  CHECK(MakeTargets({"unix:a.sock"}, "80").status().message().find("--host 'unix:a.sock': write") ==
        0);
}

TEST_CASE("Target: of a socket's path is stored what the redactor leaves, a home never") {
  const Target target{"unix:/home/ann/app.sock"};
  const auto stored = [&](const std::vector<std::string>& rules) {
    return target.AsLabels(*Redactor::Of(rules)).back();
  };
  CHECK(stored({}) == Label("port", "unix:app.sock"));
  CHECK(stored({"~ann=nobody"}) == Label("port", "unix:app.sock"));
  CHECK(stored({"~app=x"}) == Label("port", "unix:x.sock"));
  CHECK(stored({"unix:/home/ann/=unix:ann-"}) == Label("port", "unix:ann-app.sock"));
  CHECK(target.Name() == "unix:/home/ann/app.sock");  // what is polled
  // Host and port are the collector's own words.
  CHECK(Target{"ann", 80}.AsLabels(*Redactor::Of({"~ann=nobody"}))[0] == Label("host", "ann"));
}

TEST_CASE("CheckDistinct: sockets that would be stored as one are refused, with the way out") {
  const std::vector<Target> targets = {
      {"unix:/home/ann/app.sock"}, {"web-1", 80}, {"unix:/home/bob/app.sock"}};
  const Status refused = CheckDistinct(targets, Redactor());
  CHECK(refused.code() == StatusCode::kInvalidArgument);
  CHECK(refused.message() ==
        "--host unix:/home/ann/app.sock and unix:/home/bob/app.sock would both be stored as "
        "'unix:app.sock'; keep them apart by --redact, such as "
        "'unix:/home/bob/app.sock=unix:other.sock'");
  CHECK(CheckDistinct(targets, *Redactor::Of({"unix:/home/bob/app.sock=unix:other.sock"})).ok());
  CHECK(CheckDistinct({targets[0], targets[1]}, Redactor()).ok());
}

TEST_CASE("MakeTargets: https:// says that TLS is spoken, and may name a port of its own") {
  const auto targets =
      MakeTargets({"https://web-1", "https://[::1]:443", "web-2", "https://web-1/"}, "80,81");
  REQUIRE(targets.ok());
  std::string names;
  for (const Target& target : *targets) names += target.Name() + (target.tls ? " TLS, " : ", ");
  CHECK(names ==
        "https://web-1:80 TLS, https://web-1:81 TLS, https://[::1]:443 TLS, web-2:80, web-2:81, ");
  CHECK((*targets)[2].AsLabels() == Labels{{"host", "::1"}, {"port", "443"}});
  for (const std::string host : {"https://", "https://web-1:0", "https://web-1/path"}) {
    CHECK(MakeTargets({host}, "80").status().message() ==
          "--host '" + host + "': write https://host or https://host:port");
  }
}

TEST_CASE("MakeTargets: an empty host is refused") { CHECK_FALSE(MakeTargets({""}, "80").ok()); }

}  // namespace
TEST_CASE("Share: every target falls to exactly one, the same each time, a range as a whole") {
  std::vector<std::string> hosts;
  for (int i = 0; i < 300; ++i) hosts.push_back("web-" + std::to_string(i));
  const auto targets = MakeTargets(hosts, "16384..16386,80");
  REQUIRE(targets.ok());
  std::map<std::string, uint64_t> owner;
  for (uint64_t number = 1; number <= 4; ++number) {
    const std::vector<Target> share = OfShare(*targets, {number, 4});
    CHECK(share.size() > 100);
    for (const Target& target : share) CHECK(owner.emplace(target.Name(), number).second);
  }
  CHECK(owner.size() == targets->size());
  for (const std::string& host : hosts) {
    CHECK(owner.at(host + ":16384") == owner.at(host + ":16386"));
  }
  CHECK(OfShare(*targets, {1, 1}).size() == targets->size());
}

TEST_CASE("Share: what is none is refused, naming it") {
  CHECK(ParseShare("2/4")->number == 2);
  CHECK(ParseShare("2/4")->of == 4);
  for (const char* text : {"", "2", "0/4", "5/4", "2/4x", "/4", "2/", "1/10001", "-1/4"}) {
    CAPTURE(text);
    const auto share = ParseShare(text);
    CHECK(share.status().code() == StatusCode::kInvalidArgument);
    CHECK(share.status().message().find(std::string("'") + text + "'") != std::string::npos);
  }
}

}  // namespace stacksampler::collector
