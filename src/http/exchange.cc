// SPDX-License-Identifier: MIT
#include "http/exchange.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "http/head.h"
#include "http/httplib_stream.h"
#include "http/wire.h"
#include "stacksampler/version.h"

namespace stacksampler::http {
namespace {

constexpr HeadLimits kHeadLimits;  // a server that needs more is not one of ours

Status NotHttp(const std::string& why) {
  return {StatusCode::kDataLoss, "the answer is not HTTP: " + why};
}

Status BrokenHead(HeadState state) {
  switch (state) {
    case HeadState::kFirstLineTooLong:
    case HeadState::kLineTooLong:
      return {StatusCode::kResourceExhausted, "a header line of the answer is too long"};
    case HeadState::kTooManyLines:
    case HeadState::kTooLarge:
      return {StatusCode::kResourceExhausted, "the answer's header is too large"};
    default:
      return NotHttp("its header holds bytes that no header may");
  }
}

std::optional<size_t> ParseLength(const std::string& digits) {
  constexpr size_t kMaxDigits = 18;  // below 2^63
  if (digits.empty() || digits.size() > kMaxDigits ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::stoull(digits);
}

// The head that cpp-httplib is shown; only what frames the body.
Result<std::string> FramingHead(const ResponseHead& head, size_t max_wire_bytes) {
  constexpr int kFirstFinalStatus = 200;
  if (head.status < kFirstFinalStatus) return NotHttp("it is an interim one, not asked for");
  const std::string* const length = FindField(head.fields, "content-length");
  const std::string* const coding = FindField(head.fields, "transfer-encoding");
  if (CountFields(head.fields, "content-length") + CountFields(head.fields, "transfer-encoding") >
      1) {
    return NotHttp("its length is given twice");
  }
  std::string lines = "HTTP/1.1 " + std::to_string(head.status) + " -\r\n";
  if (length != nullptr) {
    const std::optional<size_t> bytes = ParseLength(*length);
    if (!bytes) return NotHttp("its Content-Length is no number");
    if (*bytes > max_wire_bytes) {
      return Status(
          StatusCode::kResourceExhausted,
          "the answer of " + *length + " bytes is larger than " + std::to_string(max_wire_bytes));
    }
    lines += "Content-Length: " + *length + "\r\n";
  }
  if (coding != nullptr) {
    if (ToLower(*coding) != "chunked") return NotHttp("its Transfer-Encoding is not chunked");
    lines += "Transfer-Encoding: chunked\r\n";
  }
  return lines + "\r\n";
}

// Between cpp-httplib and the wire: a checked head. The first failure is the wire's status; every
// later call fails.
class GuardedStream : public SocketlessStream {
 public:
  GuardedStream(Wire* wire, size_t max_wire_bytes) : wire_(wire), max_wire_bytes_(max_wire_bytes) {}

  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;

  [[nodiscard]] const ResponseHead& head() const { return head_; }
  /// An early end of the answer is no failure of the wire.
  [[nodiscard]] bool is_at_end() const { return is_at_end_; }

 private:
  ssize_t Receive();
  bool ReceiveHead();
  bool AcceptHead(size_t head_bytes);

  Wire* const wire_;
  const size_t max_wire_bytes_;
  bool is_at_end_ = false;
  bool has_head_ = false;
  ResponseHead head_;
  std::string ready_;  // what cpp-httplib reads before the wire
  size_t ready_position_ = 0;
};

ssize_t GuardedStream::write(const char* from, size_t size) {
  return wire_->Send({from, size}) ? static_cast<ssize_t>(size) : -1;
}

ssize_t GuardedStream::Receive() {
  const ssize_t count = wire_->Receive(&ready_);
  is_at_end_ = count == 0;
  return count;
}

bool GuardedStream::ReceiveHead() {
  HeadScanner scanner(kHeadLimits);
  HeadState state = HeadState::kIncomplete;
  while (state == HeadState::kIncomplete) {
    const ssize_t count = Receive();
    if (count < 0) return false;
    if (count == 0) {
      wire_->Fail(ready_.empty() ? Status(StatusCode::kUnavailable, "closed without an answer")
                                 : NotHttp("it ends within its header"));
      return false;
    }
    state = scanner.Scan(ready_);
  }
  if (state == HeadState::kComplete) return AcceptHead(scanner.head_bytes());
  wire_->Fail(BrokenHead(state));
  return false;
}

bool GuardedStream::AcceptHead(size_t head_bytes) {
  auto head = ParseResponseHead(std::string_view(ready_).substr(0, head_bytes));
  if (!head) {
    wire_->Fail(NotHttp("its header is malformed"));
    return false;
  }
  auto framing = FramingHead(*head, max_wire_bytes_);
  if (!framing.ok()) {
    wire_->Fail(framing.status());
    return false;
  }
  ready_.replace(0, head_bytes, *framing);
  head_ = *std::move(head);
  has_head_ = true;
  return true;
}

ssize_t GuardedStream::read(char* to, size_t size) {
  if (!has_head_ && !ReceiveHead()) return -1;
  if (ready_position_ == ready_.size()) {
    if (is_at_end_) return 0;
    ready_.clear();
    ready_position_ = 0;
    if (const ssize_t count = Receive(); count <= 0) return count;
  }
  const size_t count = std::min(size, ready_.size() - ready_position_);
  std::memcpy(to, ready_.data() + ready_position_, count);
  ready_position_ += count;
  return static_cast<ssize_t>(count);
}

// process_request() needs no socket of the client's own.
class Framer : public httplib::ClientImpl {
 public:
  Framer() : ClientImpl("peer") {
    set_url_encode(false);
    set_decompress(false);
  }
  bool Exchange(httplib::Stream& stream, httplib::Request& request, httplib::Response& response) {
    httplib::Error error = httplib::Error::Success;
    return process_request(stream, request, response, true, error);
  }
};

httplib::Request MakeRequest(const Question& question) {
  httplib::Request request;
  request.method = question.body == nullptr ? "GET" : "POST";
  request.path = question.target;
  request.set_header("Host", question.host_header);
  request.set_header("User-Agent", "stackcollector/" STACKSAMPLER_VERSION_STRING);
  request.set_header("Accept", "*/*");
  request.set_header("Accept-Encoding", "gzip");
  for (const auto& [name, value] : question.headers) request.set_header(name, value);
  if (question.body == nullptr) return request;
  request.set_header("Content-Type", "application/octet-stream");
  request.body = *question.body;
  return request;
}

}  // namespace

Result<Fetched> Exchange(int fd, TlsSession* tls, const Question& question, size_t max_wire_bytes,
                         Deadline deadline) {
  Wire wire(fd, tls, max_wire_bytes, deadline);
  wire.Handshake();
  GuardedStream stream(&wire, max_wire_bytes);
  httplib::Request request = MakeRequest(question);
  httplib::Response response;
  const bool is_complete = Framer().Exchange(stream, request, response);
  if (!wire.status().ok()) return wire.status();
  if (!is_complete && stream.is_at_end()) {
    return Status(StatusCode::kDataLoss, "the answer was cut off");
  }
  if (!is_complete) return NotHttp("its chunks are malformed");
  Fetched fetched;
  fetched.status = stream.head().status;
  for (const auto& [name, value] : stream.head().fields) fetched.headers[name] = value;
  fetched.body = std::move(response.body);
  return fetched;
}

}  // namespace stacksampler::http
