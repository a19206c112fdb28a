// SPDX-License-Identifier: MIT
#include "http/head.h"

#include <algorithm>

namespace stacksampler::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kSpace = " ";

bool IsControl(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110's tchar.
bool IsTokenChar(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the text before `end`, or all when it has none, off `*rest`, with the `end`.
std::string_view Take(std::string_view end, std::string_view* rest) {
  const std::string_view text = rest->substr(0, rest->find(end));
  rest->remove_prefix(std::min(text.size() + end.size(), rest->size()));
  return text;
}

// A line that begins with white space would continue the one before it: its "name" is no token.
bool ParseFields(std::string_view lines, HeaderFields* fields) {
  while (true) {
    const std::string_view line = Take(kLineEnd, &lines);
    if (line.empty()) return true;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return false;
    fields->emplace_back(ToLower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
}

}  // namespace

HeadState HeadScanner::Scan(std::string_view bytes) {
  while (position_ < bytes.size()) {
    if (position_ >= limits_.max_bytes) return HeadState::kTooLarge;
    const char c = bytes[position_++];
    const bool is_pair = previous_ == '\r' && c == '\n';
    if ((previous_ == '\r' || c == '\n') && !is_pair) return HeadState::kMalformed;
    if (IsControl(c) && c != '\t' && c != '\r' && c != '\n') return HeadState::kMalformed;
    previous_ = c;
    if (is_pair) {
      const HeadState state = EndLine();
      if (state != HeadState::kIncomplete) return state;
    } else if (c != '\r' && position_ - line_start_ > limits_.max_line_bytes) {
      return lines_ == 0 ? HeadState::kFirstLineTooLong : HeadState::kLineTooLong;
    }
  }
  return HeadState::kIncomplete;
}

HeadState HeadScanner::EndLine() {
  const bool is_empty = position_ - line_start_ == kLineEnd.size();
  line_start_ = position_;
  if (is_empty) return lines_ == 0 ? HeadState::kMalformed : HeadState::kComplete;
  return lines_++ > limits_.max_lines ? HeadState::kTooManyLines : HeadState::kIncomplete;
}

const std::string* FindField(const HeaderFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

size_t CountFields(const HeaderFields& fields, std::string_view name) {
  return static_cast<size_t>(std::count_if(
      fields.begin(), fields.end(), [name](const auto& field) { return field.first == name; }));
}

std::optional<RequestHead> ParseRequestHead(std::string_view head) {
  std::string_view line = Take(kLineEnd, &head);
  RequestHead request;
  request.method = Take(kSpace, &line);
  request.target = Take(kSpace, &line);
  if (line != "HTTP/1.1" && line != "HTTP/1.0") return std::nullopt;
  request.http_1_0 = line == "HTTP/1.0";
  if (!IsToken(request.method) || request.target.empty() || request.target[0] != '/' ||
      request.target.find_first_of("#\t") != std::string::npos) {
    return std::nullopt;
  }
  if (!ParseFields(head, &request.fields)) return std::nullopt;
  return request;
}

std::optional<ResponseHead> ParseResponseHead(std::string_view head) {
  std::string_view line = Take(kLineEnd, &head);
  const std::string_view version = Take(kSpace, &line);
  const std::string_view status = Take(kSpace, &line);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
  if (status.size() != 3 || !std::all_of(status.begin(), status.end(), IsDigit))
    return std::nullopt;
  ResponseHead response;
  for (const char digit : status) response.status = response.status * 10 + (digit - '0');
  if (response.status < 100 || !ParseFields(head, &response.fields)) return std::nullopt;
  return response;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace stacksampler::http
