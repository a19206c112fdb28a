// SPDX-License-Identifier: MIT
#include "http/exchange.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/errno_status.h"
#include "http/head.h"
#include "http/httplib_stream.h"
#include "stacksampler/version.h"

namespace stacksampler::http {
namespace {

constexpr size_t kReadChunkBytes = 16 << 10;
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

// Between cpp-httplib and the socket: a deadline, a budget, a checked head. The first failure is
// kept in status(); every later call fails.
class GuardedStream : public SocketlessStream {
 public:
  GuardedStream(int fd, size_t max_wire_bytes, Deadline deadline)
      : fd_(fd), max_wire_bytes_(max_wire_bytes), deadline_(deadline) {}

  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;

  /// Ok while nothing has failed; an early end of the answer is no failure here.
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const ResponseHead& head() const { return head_; }
  [[nodiscard]] bool is_at_end() const { return is_at_end_; }

 private:
  ssize_t Fail(Status status);
  bool WaitFor(short events);
  ssize_t Receive();
  bool ReceiveHead();
  bool AcceptHead(size_t head_bytes);

  const int fd_;
  const size_t max_wire_bytes_;
  const Deadline deadline_;
  size_t wire_bytes_ = 0;
  bool is_at_end_ = false;
  Status status_;
  bool has_head_ = false;
  ResponseHead head_;
  std::string ready_;  // what cpp-httplib reads before the socket
  size_t ready_position_ = 0;
};

ssize_t GuardedStream::Fail(Status status) {
  if (status_.ok()) status_ = std::move(status);
  return -1;
}

bool GuardedStream::WaitFor(short events) {
  pollfd entry{fd_, events, 0};
  while (!deadline_.passed()) {
    const int count = poll(&entry, 1, deadline_.PollTimeout());
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) break;
  }
  Fail({StatusCode::kUnavailable, "the answer did not come in time"});
  return false;
}

ssize_t GuardedStream::write(const char* from, size_t size) {
  for (size_t sent = 0; sent < size;) {
    if (!status_.ok() || !WaitFor(POLLOUT)) return -1;
    const ssize_t count = send(fd_, from + sent, size - sent, MSG_NOSIGNAL);
    // A server may answer and close before it has read all: what it said is still to be read.
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return static_cast<ssize_t>(size);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return Fail({StatusCode::kUnavailable, ErrnoStatus(errno, "send").message()});
    }
    sent += static_cast<size_t>(std::max<ssize_t>(count, 0));
  }
  return static_cast<ssize_t>(size);
}

// Appends to ready_, in pieces large enough for a reader that takes one byte at a time. The bytes
// received, 0 at the end of the answer, -1 after Fail().
ssize_t GuardedStream::Receive() {
  char chunk[kReadChunkBytes];
  while (true) {
    if (!status_.ok() || !WaitFor(POLLIN)) return -1;
    const ssize_t count = recv(fd_, chunk, sizeof chunk, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0) {
      return Fail({StatusCode::kUnavailable, ErrnoStatus(errno, "receive").message()});
    }
    is_at_end_ = count == 0;
    wire_bytes_ += static_cast<size_t>(count);
    ready_.append(chunk, static_cast<size_t>(count));
    if (wire_bytes_ <= max_wire_bytes_) return count;
    return Fail({StatusCode::kResourceExhausted,
                 "the answer is larger than " + std::to_string(max_wire_bytes_) + " bytes"});
  }
}

bool GuardedStream::ReceiveHead() {
  HeadScanner scanner(kHeadLimits);
  HeadState state = HeadState::kIncomplete;
  while (state == HeadState::kIncomplete) {
    const ssize_t count = Receive();
    if (count < 0) return false;
    if (count == 0) {
      Fail(ready_.empty() ? Status(StatusCode::kUnavailable, "closed without an answer")
                          : NotHttp("it ends within its header"));
      return false;
    }
    state = scanner.Scan(ready_);
  }
  if (state == HeadState::kComplete) return AcceptHead(scanner.head_bytes());
  Fail(BrokenHead(state));
  return false;
}

bool GuardedStream::AcceptHead(size_t head_bytes) {
  auto head = ParseResponseHead(std::string_view(ready_).substr(0, head_bytes));
  if (!head) {
    Fail(NotHttp("its header is malformed"));
    return false;
  }
  auto framing = FramingHead(*head, max_wire_bytes_);
  if (!framing.ok()) {
    Fail(framing.status());
    return false;
  }
  ready_.replace(0, head_bytes, *framing);
  head_ = *std::move(head);
  has_head_ = true;
  return true;
}

ssize_t GuardedStream::read(char* to, size_t size) {
  if (!status_.ok() || (!has_head_ && !ReceiveHead())) return -1;
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

Result<Fetched> Exchange(int fd, const Question& question, size_t max_wire_bytes,
                         Deadline deadline) {
  GuardedStream stream(fd, max_wire_bytes, deadline);
  httplib::Request request = MakeRequest(question);
  httplib::Response response;
  const bool is_complete = Framer().Exchange(stream, request, response);
  if (!stream.status().ok()) return stream.status();
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
