// SPDX-License-Identifier: MIT
#include "http/finish.h"

#include <string>

#include "base/gzip.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

std::string HeaderOf(const Response& response, const std::string& name) {
  std::string values;
  for (const auto& [key, value] : response.headers) {
    if (key == name) values += value + '|';
  }
  return values;
}

Response Finished(const std::string& accept_encoding, const std::string& body) {
  Response response;
  response.body = body;
  FinishResponse(accept_encoding, &response);
  return response;
}

}  // namespace

TEST_CASE("FinishResponse: adds the security headers that the handler did not set") {
  Response response;
  response.headers = {{"cache-control", "max-age=60"}};
  FinishResponse("", &response);
  CHECK(HeaderOf(response, "cache-control") == "max-age=60|");
  CHECK(HeaderOf(response, "Cache-Control") == "");
  CHECK(HeaderOf(response, "X-Content-Type-Options") == "nosniff|");
  CHECK(HeaderOf(response, "Referrer-Policy") == "no-referrer|");
  CHECK(HeaderOf(response, "Content-Security-Policy") ==
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'|");
}

TEST_CASE("FinishResponse: compresses a large body for a client that takes gzip") {
  const std::string body(5000, 'x');
  const Response response = Finished("gzip, deflate, br", body);
  CHECK(HeaderOf(response, "Content-Encoding") == "gzip|");
  CHECK(HeaderOf(response, "Vary") == "Accept-Encoding|");
  const auto unpacked = GzipDecompress(response.body, 1 << 20);
  REQUIRE(unpacked.ok());
  CHECK(*unpacked == body);
}

TEST_CASE("FinishResponse: leaves small, unwanted and already compressed bodies alone") {
  const std::string body(5000, 'x');
  CHECK(Finished("gzip", std::string(1023, 'x')).body == std::string(1023, 'x'));
  CHECK(Finished("br", body).body == body);
  const std::string packed = GzipCompress(std::string(3 << 20, 'x'));
  REQUIRE(packed.size() > 1024);
  CHECK(Finished("gzip", packed).body == packed);
  Response encoded;
  encoded.body = body;
  encoded.headers = {{"content-encoding", "br"}};
  FinishResponse("gzip", &encoded);
  CHECK(encoded.body == body);
}

TEST_CASE("AcceptsGzip: reads weights and wildcards") {
  for (const char* value : {"gzip", "GZIP", "br, gzip;q=0.5", "*", "deflate,gzip ; q=1.0"}) {
    CAPTURE(value);
    CHECK(AcceptsGzip(value));
  }
  for (const char* value : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "identity, *;q=0"}) {
    CAPTURE(value);
    CHECK_FALSE(AcceptsGzip(value));
  }
}

}  // namespace stacksampler::http
