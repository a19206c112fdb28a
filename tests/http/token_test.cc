// SPDX-License-Identifier: MIT
#include "http/token.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "http/client.h"
#include "http/raw_socket.h"
#include "http/test_server.h"
#include "support/catch.h"
#include "support/token_file.h"

namespace stacksampler::http {
namespace {

constexpr const char* kToken = "correct-horse-battery-staple";

ServerOptions Guarded() {
  ServerOptions options = PatientOptions();
  options.token = kToken;
  return options;
}

int StatusWith(const TestServer& server, const std::string& token) {
  FetchOptions options;
  options.token = token;
  const auto answer = Get("127.0.0.1", server.port(), "/?reset=1", options);
  REQUIRE(answer.ok());
  return answer->status;
}

}  // namespace

TEST_CASE("Token: is the file's one line, however it ends") {
  for (const char* end : {"", "\n", "\r\n"}) {
    const TokenFile file(std::string(kToken) + end);
    const auto token = ReadTokenFile(file.path());
    REQUIRE(token.ok());
    CHECK(*token == kToken);
  }
}

TEST_CASE("Token: a file that holds none is refused by name, and its bytes are not repeated") {
  for (const std::string& bytes :
       {std::string(), std::string("\n"), std::string("secret-too-shor"), std::string(513, 's'),
        std::string("secret and some spaces"), std::string("secret-on-two\nlines-of-text\n"),
        std::string("secret-with-a-\0-byte", 20), std::string("secret-with-uml\xc3\xa4uts")}) {
    const TokenFile file(bytes);
    const auto token = ReadTokenFile(file.path());
    REQUIRE(!token.ok());
    CHECK(token.status().message().find(file.path()) != std::string::npos);
    CHECK(token.status().message().find("secret") == std::string::npos);
  }
  CHECK(!ReadTokenFile("/nonexistent/token").ok());
  CHECK(!ReadTokenFile("/tmp").ok());
}

TEST_CASE("Token: a pipe without a writer does not hold its reader") {
  const std::string path = "/tmp/token-test." + std::to_string(getpid());
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(!ReadTokenFile(path).ok());
  unlink(path.c_str());
}

TEST_CASE("Token: is taken as bearer token, or as anybody's password") {
  CHECK(CarriesToken("Bearer correct-horse-battery-staple", kToken));
  CHECK(CarriesToken("bEaReR   correct-horse-battery-staple", kToken));
  // "me:" and ":" before it
  CHECK(CarriesToken("Basic bWU6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ==", kToken));
  CHECK(CarriesToken("basic OmNvcnJlY3QtaG9yc2UtYmF0dGVyeS1zdGFwbGU=", kToken));
  CHECK(CarriesToken("basic OmNvcnJlY3QtaG9yc2UtYmF0dGVyeS1zdGFwbGU", kToken));
}

TEST_CASE("Token: nothing else passes for it") {
  for (const char* header :
       {"", " ", "Bearer", "Bearer ", "Basic", "Basic ", "correct-horse-battery-staple",
        "Digest correct-horse-battery-staple", "Bearer correct-horse-battery-stapl",
        "Bearer correct-horse-battery-staplf", "Bearer correct-horse-battery-staple2",
        "Bearer correct-horse-battery-staplecorrect-horse-battery-staple",
        "Bearer Correct-horse-battery-staple", "Bearer correct-horse-battery-staple ",
        "Basic correct-horse-battery-staple", "Basic %%%%",
        // the token without a colon, and as the user's name
        "Basic Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ==",
        "Basic Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZTo="}) {
    CAPTURE(header);
    CHECK(!CarriesToken(header, kToken));
  }
}

TEST_CASE("Token: a server that has one answers nobody else, and runs no handler for them") {
  TestServer server(Guarded());
  CHECK(StatusWith(server, "") == 401);
  CHECK(StatusWith(server, "correct-horse-battery-stable") == 401);
  CHECK(server.requests() == 0);
  CHECK(StatusWith(server, kToken) == 200);
  CHECK(server.resets() == 1);
  CHECK(server.server().counters().refused == 2);
}

TEST_CASE("Token: a refusal tells browsers to ask for it, and repeats nothing") {
  TestServer server(Guarded());
  FetchOptions options;
  options.token = "a-guess-that-is-wrong";
  const auto answer = Get("127.0.0.1", server.port(), "/", options);
  REQUIRE(answer.ok());
  CHECK(answer->headers.count("www-authenticate") == 1);
  CHECK(answer->body.find("guess") == std::string::npos);
  CHECK(answer->body.find("horse") == std::string::npos);
}

TEST_CASE("Token: two of them in one request are none") {
  TestServer server(Guarded());
  const std::string answer =
      Ask(server.port(), GetRequest("/",
                                    "Authorization: Bearer wrong-wrong-wrong-wrong\r\n"
                                    "Authorization: Bearer correct-horse-battery-staple\r\n"));
  CHECK(StatusOf(answer) == 401);
}

}  // namespace stacksampler::http
