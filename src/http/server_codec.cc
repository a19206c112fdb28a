// SPDX-License-Identifier: MIT
#include "http/server_codec.h"

#include <csignal>

#include <algorithm>
#include <cstring>
#include <exception>
#include <functional>
#include <utility>

#include "http/finish.h"
#include "http/gate.h"
#include "http/httplib_stream.h"

namespace stacksampler::http {
namespace {

constexpr int kBadRequest = 400;
constexpr int kInternalError = 500;

using Setup = std::function<void(httplib::Request&)>;

// httplib::Server's constructor ignores SIGPIPE for the whole process.
class SigpipeKeeper {
 public:
  SigpipeKeeper() { sigaction(SIGPIPE, nullptr, &before_); }
  ~SigpipeKeeper() {
    struct sigaction now {};
    sigaction(SIGPIPE, nullptr, &now);
    const bool is_ours = (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_IGN;
    if (is_ours) sigaction(SIGPIPE, &before_, nullptr);
  }
  SigpipeKeeper(const SigpipeKeeper&) = delete;
  SigpipeKeeper& operator=(const SigpipeKeeper&) = delete;

 private:
  struct sigaction before_ {};
};

// Reads from one string, writes to another.
class MemoryStream : public SocketlessStream {
 public:
  explicit MemoryStream(std::string in) : in_(std::move(in)) {}

  ssize_t read(char* to, size_t size) override {
    const size_t count = std::min(size, in_.size() - position_);
    std::memcpy(to, in_.data() + position_, count);
    position_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    out_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  std::string TakeOutput() { return std::move(out_); }

 private:
  std::string in_;
  size_t position_ = 0;
  std::string out_;
};

// cpp-httplib 0.11 refuses a second '?' and cuts a value at its second '='; 0.18 takes both. Both
// read the escaped forms alike.
std::string CanonicalTarget(const std::string& target) {
  const size_t query = target.find('?');
  if (query == std::string::npos) return target;
  std::string canonical = target.substr(0, query + 1);
  bool in_value = false;
  for (size_t i = query + 1; i < target.size(); ++i) {
    const char c = target[i];
    if (c == '?') {
      canonical += "%3F";
    } else if (c == '=' && in_value) {
      canonical += "%3D";
    } else {
      canonical += c;
    }
    if (c == '=') in_value = true;
    if (c == '&') in_value = false;
  }
  return canonical;
}

bool HasControl(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

void CopyResponse(Response&& from, httplib::Response* to) {
  to->status = from.status;
  if (!from.content_type.empty()) to->set_header("Content-Type", from.content_type);
  for (const auto& [name, value] : from.headers) to->set_header(name, value);
  to->body = std::move(from.body);
}

Response RunHandler(const Handler& handler, const Request& request) {
  if (HasControl(request.path)) return Refusal(kBadRequest, "The path holds control bytes.");
  Response response = handler(request);
  if (response.body.size() <= kMaxResponseBytes) return response;
  return Refusal(kInternalError, "The answer is too large; ask for less of it.");
}

Response FinishedAnswer(const Handler& handler, const Request& request) {
  try {
    Response response = RunHandler(handler, request);
    FinishResponse(request.Header("accept-encoding"), &response);
    return response;
  } catch (...) {  // its text may hold what a stranger must not see
    Response response = Refusal(kInternalError, "The server failed on this request.");
    FinishResponse("", &response);
    return response;
  }
}

}  // namespace

// The request goes in and the answer comes out within process_request(), which calls the
// pre-routing handler on the thread that called it: no route, mount or body is ever looked at.
class ServerCodec::Parser : public httplib::Server {
 public:
  using OnRequest = std::function<Response(const httplib::Request&)>;

  Parser() {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      CopyResponse((*on_request_)(request), &response);
      was_parsed_ = true;
      return HandlerResponse::Handled;
    });
  }

  /// False when cpp-httplib refused the request line.
  bool Exchange(const std::string& target, const OnRequest& on_request, std::string* out) {
    MemoryStream stream("GET " + target + " HTTP/1.1\r\n\r\n");
    on_request_ = &on_request;
    was_parsed_ = false;
    Process(&Parser::process_request, stream);
    *out = stream.TakeOutput();
    return was_parsed_;
  }

 private:
  // The signature of cpp-httplib 0.11 ...
  void Process(bool (httplib::Server::*process)(httplib::Stream&, bool, bool&, const Setup&),
               httplib::Stream& stream) {
    bool is_closed = false;
    (this->*process)(stream, true, is_closed, nullptr);
  }
  // ... and of 0.18.
  void Process(bool (httplib::Server::*process)(httplib::Stream&, const std::string&, int,
                                                const std::string&, int, bool, bool&, const Setup&),
               httplib::Stream& stream) {
    bool is_closed = false;
    (this->*process)(stream, "", 0, "", 0, true, is_closed, nullptr);
  }

  const OnRequest* on_request_ = nullptr;
  bool was_parsed_ = false;
};

ServerCodec::ServerCodec() {
  const SigpipeKeeper keeper;
  parser_ = std::make_unique<Parser>();
}

ServerCodec::~ServerCodec() = default;

std::string ServerCodec::Answer(const RequestHead& head, const std::string& remote_address,
                                const Handler& handler) {
  const auto on_request = [&](const httplib::Request& parsed) {
    Request request;
    request.method = parsed.method;
    request.path = parsed.path;
    request.params = {parsed.params.begin(), parsed.params.end()};
    request.headers = {head.fields.begin(), head.fields.end()};
    request.remote_address = remote_address;
    return FinishedAnswer(handler, request);
  };
  std::string out;
  if (parser_->Exchange(CanonicalTarget(head.target), on_request, &out)) return out;
  return Encode(RefusalOfHead(HeadState::kMalformed));
}

std::string ServerCodec::Encode(Response response) {
  FinishResponse("", &response);
  std::string out;
  parser_->Exchange(
      "/", [&](const httplib::Request&) { return std::move(response); }, &out);
  return out;
}

}  // namespace stacksampler::http
