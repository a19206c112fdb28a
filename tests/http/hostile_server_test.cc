// SPDX-License-Identifier: MIT
// Targets that are broken or hostile: each ends in a Status that says why, within a deadline and a
// budget.
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/gzip.h"
#include "http/client.h"
#include "http/hostile_server.h"
#include "http/process_state.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxGrowthBytes = 16 << 20;
const std::string kOk = "HTTP/1.1 200 OK\r\n";

FetchOptions SmallOptions() {
  FetchOptions options;
  options.max_wire_bytes = 1 << 20;
  options.max_body_bytes = 2 << 20;
  return options;
}

Status GetFrom(const HostileServer& server, const FetchOptions& options = SmallOptions()) {
  return Get("127.0.0.1", server.port(), "/", options).status();
}

void CheckFails(const std::string& answer, StatusCode code, const std::string& why) {
  CAPTURE(answer.substr(0, 80));
  const size_t before = SettledResidentBytes();
  const HostileServer server(answer);
  const Status status = GetFrom(server);
  CHECK(status.code() == code);
  CAPTURE(status.message());
  CHECK(status.message().find(why) != std::string::npos);
  CHECK(SettledResidentBytes() <= before + kMaxGrowthBytes);
}

void CheckFloodFails(const std::string& opening, const std::string& block) {
  CAPTURE(opening);
  const HostileServer server([&](int fd) {
    if (SendTo(fd, opening)) SendForever(fd, block);
  });
  const size_t before = SettledResidentBytes();
  // A cpp-httplib may find a chunk malformed before the budget is spent.
  const StatusCode code = GetFrom(server).code();
  CHECK((code == StatusCode::kResourceExhausted || code == StatusCode::kDataLoss));
  CHECK(ResidentBytes() <= before + kMaxGrowthBytes);
}

}  // namespace

TEST_CASE("Hostile server: a status line of any length does not overrun the stack") {
  for (const size_t bytes : {4097, 30000, 300000}) {
    CheckFails("HTTP/1.1 200 " + std::string(bytes, 'a') + "\r\n\r\n",
               StatusCode::kResourceExhausted, "header line");
  }
  const HostileServer longest("HTTP/1.1 200 " + std::string(4096 - 13, 'a') + "\r\n\r\nfine");
  CHECK(GetFrom(longest).ok());
}

TEST_CASE("Hostile server: whatever never ends stops at a budget") {
  const std::string block(65536, 'x');
  CheckFloodFails(kOk + "\r\n", block);
  CheckFloodFails(kOk + "X: ", block);
  CheckFloodFails("", block);
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "X-" + std::to_string(i) + ": y\r\n";
  CheckFloodFails(kOk, lines);
  CheckFloodFails(kOk + "Transfer-Encoding: chunked\r\n\r\n", "10000\r\n" + block + "\r\n");
  CheckFloodFails(kOk + "Transfer-Encoding: chunked\r\n\r\n-2\r\n", block);
  CheckFloodFails(kOk + "Transfer-Encoding: chunked\r\n\r\n", std::string(65536, '0'));
}

TEST_CASE("Hostile server: a header is bounded in lines and as a whole") {
  const auto header = [](int lines, size_t bytes) {
    std::string text = kOk;
    for (int i = 0; i < lines; ++i) text += "X: " + std::string(bytes, 'y') + "\r\n";
    return text + "\r\n";
  };
  CheckFails(header(101, 1), StatusCode::kResourceExhausted, "header is too large");
  CheckFails(header(10, 4000), StatusCode::kResourceExhausted, "header is too large");
  const HostileServer largest(header(100, 300));
  CHECK(GetFrom(largest).ok());
}

TEST_CASE("Hostile server: a claimed length is believed only within the budget") {
  for (const char* length : {"1048577", "999999999999999999"}) {
    CheckFails(kOk + "Content-Length: " + length + "\r\n\r\nx", StatusCode::kResourceExhausted,
               "larger than");
  }
  for (const char* length : {"-1", "0x10", "1e3", "", "5 5", "18446744073709551616"}) {
    CheckFails(kOk + "Content-Length: " + length + "\r\n\r\nx", StatusCode::kDataLoss,
               "Content-Length");
  }
}

TEST_CASE("Hostile server: a body shorter than promised was cut off") {
  CheckFails(kOk + "Content-Length: 10\r\n\r\nhello", StatusCode::kDataLoss, "cut off");
  CheckFails(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", StatusCode::kDataLoss, "cut off");
  CheckFails(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", StatusCode::kDataLoss,
             "cut off");
  CheckFails(kOk + "Content-Le", StatusCode::kDataLoss, "ends within its header");
}

TEST_CASE("Hostile server: two ways to tell the length are one too many") {
  CheckFails(kOk + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             StatusCode::kDataLoss, "given twice");
  CheckFails(kOk + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", StatusCode::kDataLoss,
             "given twice");
  CheckFails(kOk + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", StatusCode::kDataLoss,
             "Transfer-Encoding");
}

TEST_CASE("Hostile server: garbage, nothing and interim answers are told apart") {
  CheckFails("SSH-2.0-OpenSSH_9.2\r\n\r\n", StatusCode::kDataLoss, "not HTTP");
  CheckFails("<html>\n", StatusCode::kDataLoss, "not HTTP");
  CheckFails(std::string("\x15\x03\x01\x00\x02\x02", 6), StatusCode::kDataLoss, "not HTTP");
  CheckFails("", StatusCode::kUnavailable, "without an answer");
  CheckFails("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", StatusCode::kDataLoss,
             "interim");
}

TEST_CASE("Hostile server: one byte now and then ends at the total deadline") {
  for (const std::string& opening : {std::string(), kOk + "\r\n"}) {
    const HostileServer server([&](int fd) {
      if (!SendTo(fd, opening)) return;
      while (SendTo(fd, "H")) std::this_thread::sleep_for(milliseconds(5));
    });
    FetchOptions options = SmallOptions();
    options.total_timeout = milliseconds(100);
    const Status status = GetFrom(server, options);
    CHECK(status.code() == StatusCode::kUnavailable);
    CHECK(status.message().find("in time") != std::string::npos);
  }
}

TEST_CASE("Hostile server: silence ends at the total deadline") {
  const HostileServer server([](int fd) {
    char byte = 0;
    while (recv(fd, &byte, 1, 0) > 0) {
    }
  });
  FetchOptions options = SmallOptions();
  options.total_timeout = milliseconds(50);
  CHECK(GetFrom(server, options).code() == StatusCode::kUnavailable);
}

TEST_CASE("Hostile server: a gzip bomb stops at the body budget, damaged gzip is told") {
  const auto gzip_answer = [](const std::string& body) {
    return kOk + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  };
  const std::string bomb = GzipCompress(std::string(100 << 20, '\0'));
  REQUIRE(bomb.size() < SmallOptions().max_wire_bytes);
  CheckFails(gzip_answer(bomb), StatusCode::kResourceExhausted, "");
  CheckFails(gzip_answer("not gzip"), StatusCode::kDataLoss, "");
  CheckFails(gzip_answer(bomb.substr(0, 100)), StatusCode::kDataLoss, "");
  CheckFails(kOk + "Content-Encoding: br\r\n\r\nx", StatusCode::kDataLoss, "encoded as br");
}

TEST_CASE("Hostile server: a reset is an error at every point of the answer") {
  for (const std::string& opening :
       {std::string(), kOk, kOk + "Content-Length: 100000\r\n\r\nhello"}) {
    const HostileServer server([&](int fd) {
      SendTo(fd, opening);
      const linger at_once{1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    });
    const StatusCode code = GetFrom(server).code();
    CHECK((code == StatusCode::kUnavailable || code == StatusCode::kDataLoss));
  }
}

}  // namespace stacksampler::http
