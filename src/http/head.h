// SPDX-License-Identifier: MIT
//
// Purpose: the head of an HTTP/1 message (first line and header fields), bounded while it arrives
//   and read strictly once it is complete. Shared by server and client: bytes from a peer reach
//   cpp-httplib only as parts that passed here.
// Thread safety: values.
// Errors: none are lenient; what RFC 9112 lets a reader reject is rejected: bare CR or LF, control
//   bytes, folded lines, white space before a colon.
#ifndef STACKSAMPLER_HTTP_HEAD_H_
#define STACKSAMPLER_HTTP_HEAD_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stacksampler::http {

struct HeadLimits {
  size_t max_line_bytes = 4096;  // without CR LF
  size_t max_lines = 100;        // without the first line
  size_t max_bytes = 32 << 10;
};

enum class HeadState {
  kIncomplete,
  kComplete,
  kMalformed,
  kFirstLineTooLong,
  kLineTooLong,
  kTooManyLines,
  kTooLarge,
  kNotTls,  // where TLS has to be spoken
};

/// Looks for the end of a head in bytes that arrive piece by piece; sees each byte once.
class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  /// `bytes`: all that has arrived so far. After anything but kIncomplete: do not call again.
  HeadState Scan(std::string_view bytes);
  /// After kComplete: the head's length with the empty line.
  [[nodiscard]] size_t head_bytes() const { return position_; }

 private:
  HeadState EndLine();

  HeadLimits limits_;
  size_t position_ = 0;
  size_t line_start_ = 0;
  size_t lines_ = 0;
  char previous_ = '\0';
};

/// Names in lower case, values without the white space around them, in the order of arrival.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// First value, nullptr when absent. `name` in lower case.
const std::string* FindField(const HeaderFields& fields, std::string_view name);
size_t CountFields(const HeaderFields& fields, std::string_view name);

struct RequestHead {
  std::string method;
  std::string target;  // begins with '/'; no fragment
  bool http_1_0 = false;
  HeaderFields fields;
};

struct ResponseHead {
  int status = 0;  // 100..999
  HeaderFields fields;
};

/// `head`: what a HeadScanner found complete. nullopt when it is not a request or response head.
std::optional<RequestHead> ParseRequestHead(std::string_view head);
std::optional<ResponseHead> ParseResponseHead(std::string_view head);

std::string ToLower(std::string_view text);  // ASCII only, whatever the locale

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_HEAD_H_
