// SPDX-License-Identifier: MIT
#include "store/clickhouse/url.h"

#include <cstdlib>

#include "store/any_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

/// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

std::string ErrorOf(const std::string& url) {
  const Result<ClickhouseUrl> parsed = ParseClickhouseUrl(url);
  CAPTURE(url);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.status().code() == StatusCode::kInvalidArgument);
  CHECK(parsed.status().message().find("clickhouse://[user@]host:port/database") !=
        std::string::npos);
  return parsed.status().message();
}

}  // namespace

TEST_CASE("Store URL: user, servers, ports and database are read, with defaults") {
  const auto full = ParseClickhouseUrl("clickhouse://me@db-1:9000,[::1]:81,10.0.0.7/prof_2");
  REQUIRE(full.ok());
  CHECK(full->user == "me");
  CHECK(full->database == "prof_2");
  REQUIRE(full->servers.size() == 3);
  CHECK(full->servers[0].host == "db-1");
  CHECK(full->servers[0].port == 9000);
  CHECK(full->servers[1].host == "[::1]");
  CHECK(full->servers[1].port == 81);
  CHECK(full->servers[2].port == 8123);
  const auto least = ParseClickhouseUrl("clickhouse://h/d");
  REQUIRE(least.ok());
  CHECK(least->user == "default");
  CHECK(least->Place() == "h:8123/d");
}

TEST_CASE("Store URL: what is none is refused, naming the part") {
  CHECK(ErrorOf("http://h/d").find("no clickhouse:// URL") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h").find("names no database") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h:x/d").find("'x' is no port") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h:70000/d").find("'70000'") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h:0/d").find("'0' is no port") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h,,g/d").find("'' is no host") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h\r\nX/d").find("is no host") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h/d;DROP").find("'d;DROP'") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h/1d").find("'1d'") != std::string::npos);
  CHECK(ErrorOf("clickhouse://h/").find("''") != std::string::npos);
}

TEST_CASE("Store URL: a password in it is refused without repeating it") {
  const std::string message = ErrorOf("clickhouse://me:geheim@h/d");
  CHECK(message.find(kPasswordFileVariable) != std::string::npos);
  CHECK(message.find("geheim") == std::string::npos);
}

TEST_CASE("Store password: it comes from the file, else from the variable, else it is none") {
  CHECK(*PasswordFromEnvironment() == "");
  const Variable password(kPasswordVariable, "from here");
  CHECK(*PasswordFromEnvironment() == "from here");
  const TempDir dir;
  WriteFile(dir.path("password"), "of the file\n");
  const Variable file(kPasswordFileVariable, dir.path("password"));
  CHECK(*PasswordFromEnvironment() == "of the file");
  WriteFile(dir.path("password"), "two\nlines\n");
  CHECK(PasswordFromEnvironment().status().code() == StatusCode::kInvalidArgument);
  WriteFile(dir.path("password"), std::string(2000, 'x'));
  CHECK(PasswordFromEnvironment().status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("Store password: a file that cannot be read is named") {
  const TempDir dir;
  const Variable file(kPasswordFileVariable, dir.path("none"));
  const auto password = PasswordFromEnvironment();
  REQUIRE_FALSE(password.ok());
  CHECK(password.status().message().find(dir.path("none")) != std::string::npos);
  CHECK(OpenAnyReader({"", "clickhouse://127.0.0.1:1/d"}).status().message() ==
        password.status().message());
}

TEST_CASE("Any store: without a URL it is the directory, with one the servers") {
  const TempDir dir;
  REQUIRE(OpenAnyWriter({dir.path("db"), ""}).ok());
  CHECK(OpenAnyReader({dir.path("db"), ""}).ok());
  const auto nobody = OpenAnyReader({dir.path("db"), "clickhouse://127.0.0.1:1/d"});
  REQUIRE_FALSE(nobody.ok());
  CHECK(nobody.status().code() == StatusCode::kUnavailable);
  const std::string message = nobody.status().message();
  CAPTURE(message);
  CHECK(message.find("clickhouse://127.0.0.1:1/d: connect: Connection refused") == 0);
  CHECK(message.find("is the server running there") != std::string::npos);
}

}  // namespace stacksampler::store
