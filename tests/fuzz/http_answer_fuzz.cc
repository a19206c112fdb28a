// SPDX-License-Identifier: MIT
//
// What a server sends to our client until it hangs up: head, framing and body.
#include "http/exchange.h"

#include <sys/socket.h>

#include <chrono>

#include "base/unique_fd.h"
#include "fuzz/fuzz.h"

using namespace stacksampler;

namespace {

constexpr size_t kMaxInputBytes = 64 << 10;  // what a socket takes at once
constexpr size_t kMaxWireBytes = 32 << 10;

Result<http::Fetched> AskServerThatSends(std::string_view bytes) {
  int ends[2];
  fuzz::Promise(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0,
                "a pair of sockets can be made");
  const UniqueFd client(ends[0]);
  const UniqueFd server(ends[1]);
  fuzz::Promise(send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                    static_cast<ssize_t>(bytes.size()),
                "a socket takes the input");
  shutdown(server.get(), SHUT_WR);
  return http::Exchange(client.get(), nullptr, {"web-1", "/", {}, nullptr}, kMaxWireBytes,
                        http::Deadline::After(std::chrono::minutes(1)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kMaxInputBytes) return 0;
  const auto fetched = AskServerThatSends(fuzz::AsText(data, size));
  if (!fetched.ok()) {
    const std::string& why = fetched.status().message();
    fuzz::Promise(!why.empty() && why.find('\n') == std::string::npos, "an error is one line");
    return 0;
  }
  fuzz::Promise(fetched->status >= 200 && fetched->status <= 999, "an answer is a final one");
  fuzz::Promise(fetched->body.size() < size, "a body is not longer than what came");
  fuzz::Promise(size <= kMaxWireBytes || fetched->body.size() <= kMaxWireBytes,
                "no more is read than the budget allows");
  return 0;
}
