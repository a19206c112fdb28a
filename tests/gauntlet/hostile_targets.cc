// SPDX-License-Identifier: MIT
#include "gauntlet/hostile_targets.h"

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <thread>

#include "base/gzip.h"

namespace stacksampler {
namespace {

using http::SendTo;

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

HostileTarget Says(std::string name, std::string answer) {
  return {std::move(name), [answer = std::move(answer)](int fd) { SendTo(fd, answer); }};
}

HostileTarget Floods(std::string name, std::string opening, std::string block) {
  return {std::move(name), [opening = std::move(opening), block = std::move(block)](int fd) {
            if (SendTo(fd, opening)) http::SendForever(fd, block);
          }};
}

HostileTarget Drips(std::string name, std::string opening) {
  return {std::move(name), [opening = std::move(opening)](int fd) {
            if (!SendTo(fd, opening)) return;
            while (SendTo(fd, "1")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
          }};
}

std::string WithLength(const std::string& headers, const std::string& body) {
  return kOk + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void ResetWithinBody(int fd) {
  SendTo(fd, kOk + "Content-Length: 100000\r\n\r\nhello");
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

std::vector<HostileTarget> HostileTargets() {
  const std::string block(65536, 'x');
  const std::string bomb = GzipCompress(std::string(size_t{256} << 20, '\0'), 1);
  const std::string window = "X-Stacksampler-Instance: beef\r\nX-Stacksampler-Window: ";
  return {
      Floods("endless body", kOk + "\r\n", block),
      Floods("endless chunks", kChunked, "10000\r\n" + block + "\r\n"),
      Floods("endless chunk size", kChunked, std::string(65536, '0')),
      Floods("negative chunk, then an endless one", kChunked + "-2\r\n", block),
      Floods("endless status line", "", block),
      Floods("endless header line", kOk + "X: ", block),
      Floods("endless header lines", kOk, "X: y\r\n"),
      Says("status line of 30,000 bytes", "HTTP/1.1 200 " + std::string(30'000, 'a') + "\r\n\r\n"),
      Says("gzip bomb of 268 MB", WithLength("Content-Encoding: gzip\r\n", bomb)),
      Says("damaged gzip", WithLength("Content-Encoding: gzip\r\n", "not gzip")),
      Says("redirect to another machine's secrets",
           "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\n"
           "Content-Length: 0\r\n\r\n"),
      Says("length that is too long", kOk + "Content-Length: 10\r\n\r\nhello"),
      Says("length beyond every bound", kOk + "Content-Length: 999999999999999999\r\n\r\nx"),
      Says("negative length", kOk + "Content-Length: -1\r\n\r\nx"),
      Says("two lengths", kOk + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
      Says("length and chunks",
           kOk + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      Says("interim answers without end",
           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
      Says("something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
      Says("end without an answer", ""),
      Says("instance that forges a request",
           WithLength("X-Stacksampler-Instance: 1&ack=9 HTTP/1.1\r\nX-Stacksampler-Window: 1\r\n",
                      "")),
      Says("window that is no profile", WithLength(window + "1\r\n", block)),
      Says("window number beyond 2^64", WithLength(window + "99999999999999999999\r\n", "")),
      {"reset within the body", ResetWithinBody},
      Drips("dripping header", kOk),
      Drips("dripping body", kOk + "\r\n")};
}

}  // namespace stacksampler
