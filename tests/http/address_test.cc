// SPDX-License-Identifier: MIT
#include "http/address.h"

#include <string>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "support/catch.h"

namespace stacksampler::http {

TEST_CASE("JoinHostPort: puts IPv6 addresses, and only them, in brackets") {
  CHECK(JoinHostPort("web-1", 16384) == "web-1:16384");
  CHECK(JoinHostPort("127.0.0.1", 80) == "127.0.0.1:80");
  CHECK(JoinHostPort("::1", 80) == "[::1]:80");
  CHECK(JoinHostPort("[::1]", 65535) == "[::1]:65535");
}

TEST_CASE("JoinHostPort, UrlOf: a unix socket has neither port nor scheme") {
  CHECK(JoinHostPort("unix:/run/x.sock", 80) == "unix:/run/x.sock");
  CHECK(UrlOf("unix:/run/x.sock", 80) == "unix:/run/x.sock");
  CHECK(UrlOf("::1", 80) == "http://[::1]:80");
}

TEST_CASE("OwnHostNames: the machine's name, and the same without its domain") {
  const std::vector<std::string> names = OwnHostNames();
  REQUIRE(names.size() == 2);
  CHECK(names[0].rfind(names[1], 0) == 0);
  CHECK(names[1].find('.') == std::string::npos);
}

TEST_CASE("IsLoopback: knows the loopback addresses and names, and no others") {
  for (const char* host :
       {"127.0.0.1", "127.255.0.9", "::1", "[::1]", "localhost", "LOCALHOST", "unix:/run/x.sock"}) {
    CAPTURE(host);
    CHECK(IsLoopback(host));
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "localhost.example",
                           "127.0.0.1.example", "::2", "127.1.1"}) {
    CAPTURE(host);
    CHECK_FALSE(IsLoopback(host));
  }
}

TEST_CASE("HostOfHeader: cuts port and brackets and ignores case") {
  CHECK(HostOfHeader("Web-1:80") == "web-1");
  CHECK(HostOfHeader("web-1:") == "web-1");
  CHECK(HostOfHeader("[2001:DB8::1]:80") == "2001:db8::1");
  CHECK_FALSE(HostOfHeader("web-1:80a").has_value());
  CHECK_FALSE(HostOfHeader(":80").has_value());
}

}  // namespace stacksampler::http
