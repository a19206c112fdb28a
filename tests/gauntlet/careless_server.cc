// SPDX-License-Identifier: MIT
// A server that does what ours never do: keeps a connection, believes what stands behind a request,
// trusts a peer for good, decodes headers and sends them back, tells why it failed, lets every site
// read, and matches paths by an expression. Attacks on such habits are tried on it, too.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdio>
#include <regex>
#include <string>

#include "base/unique_fd.h"
#include "http/listener.h"

namespace stacksampler {
namespace {

constexpr rlim_t kStackBytes = 256 << 10;  // what a thread of a server has
const std::string kHeadEnd = "\r\n\r\n";

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what)) != std::string::npos;)
    text.replace(at, what.size(), by);
  return text;
}

std::string FieldOf(const std::string& head, const std::string& name) {
  const std::string begin = "\r\n" + name + ": ";
  const size_t at = head.find(begin);
  if (at == std::string::npos) return {};
  const size_t value = at + begin.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

std::string AnswerTo(const std::string& head, bool is_trusted) {
  const std::string shared =
      "Access-Control-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\nX: " +
      Replaced(Replaced(FieldOf(head, "X"), "%0d", "\r"), "%0a", "\n") + kHeadEnd;
  const size_t target = head.find(' ') + 1;
  const std::string path = head.substr(target, head.find(' ', target) - target);
  static const std::regex kPath("/([a-z?=%]*)");
  if (!is_trusted || !std::regex_match(path, kPath)) return "HTTP/1.1 401 -\r\n" + shared;
  if (path == "/throw") return "HTTP/1.1 500 -\r\nEXCEPTION_WHAT: secret\r\n" + shared;
  return "HTTP/1.1 200 -\r\n" + shared;
}

// False when the peer has gone.
bool ReceiveHead(int fd, std::string* in) {
  while (in->find(kHeadEnd) == std::string::npos) {
    char chunk[4096];
    const ssize_t count = recv(fd, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    in->append(chunk, static_cast<size_t>(count));
  }
  return true;
}

void Serve(int fd) {
  std::string in;
  bool is_trusted = false;
  bool is_last = false;
  while (!is_last && ReceiveHead(fd, &in)) {
    const size_t end = in.find(kHeadEnd) + kHeadEnd.size();
    const std::string head = in.substr(0, end);
    in.erase(0, end);
    is_trusted = is_trusted || !FieldOf(head, "Authorization").empty();
    is_last = FieldOf(head, "Connection") == "close";
    const std::string answer = AnswerTo(head, is_trusted);
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

}  // namespace
}  // namespace stacksampler

int main() {
  const rlimit stack{stacksampler::kStackBytes, stacksampler::kStackBytes};
  const auto listener = stacksampler::http::OpenListener("127.0.0.1", 0, 0);
  if (!listener.ok() || setrlimit(RLIMIT_STACK, &stack) != 0) return 1;
  fcntl(listener->fd.get(), F_SETFL, 0);
  std::printf("%d\n", listener->port);
  std::fflush(stdout);
  while (true) {
    const stacksampler::UniqueFd peer(accept(listener->fd.get(), nullptr, nullptr));
    if (peer.valid()) stacksampler::Serve(peer.get());
  }
}
