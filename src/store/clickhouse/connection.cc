// SPDX-License-Identifier: MIT
#include "store/clickhouse/connection.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "http/client.h"

namespace stacksampler::store {
namespace {

constexpr int kHttpOk = 200;
constexpr char kHex[] = "0123456789ABCDEF";

std::string InUrl(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

// What a server says, as a part of one line.
std::string OneLine(std::string_view text) {
  constexpr size_t kMaxBytes = 300;
  std::string line(text.substr(0, kMaxBytes));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

// "Code: 193, ..." of old servers, "Code: 193. ..." of new ones; 0 when there is none.
int ErrorCode(std::string_view text) {
  constexpr std::string_view kCode = "Code: ";
  const size_t at = text.find(kCode);
  int code = 0;
  if (at != std::string_view::npos) {
    const std::string_view digits = text.substr(at + kCode.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), code);
  }
  return code;
}

// The numbers of ClickHouse's ErrorCodes.cpp that an operator can do something about.
struct Meaning {
  int code;
  StatusCode status;
  const char* way_out;
};
constexpr char kCredentials[] =
    "; check the user in --store and the password in STACKCOLLECTOR_STORE_PASSWORD_FILE or "
    "STACKCOLLECTOR_STORE_PASSWORD";
constexpr char kRights[] = "; grant the user CREATE, INSERT and SELECT on the database";
// Of answers; what is sent comes in pieces that no limit of a server's default refuses.
constexpr char kShorter[] =
    "; if it was asked for, ask for a shorter range, else raise the server's limit";
constexpr Meaning kMeanings[] = {
    {192, StatusCode::kPermissionDenied, kCredentials},
    {193, StatusCode::kPermissionDenied, kCredentials},
    {194, StatusCode::kPermissionDenied, kCredentials},
    {516, StatusCode::kPermissionDenied, kCredentials},
    {291, StatusCode::kPermissionDenied, kRights},
    {497, StatusCode::kPermissionDenied, kRights},
    {164, StatusCode::kPermissionDenied, kRights},
    {60, StatusCode::kNotFound, "; start a collector with this --store, which makes the tables"},
    {81, StatusCode::kNotFound, "; start a collector with this --store, which makes the database"},
    {158, StatusCode::kResourceExhausted, kShorter},
    {159, StatusCode::kResourceExhausted, kShorter},
    {160, StatusCode::kResourceExhausted, kShorter},
    {241, StatusCode::kResourceExhausted, kShorter},
    {243, StatusCode::kResourceExhausted, "; free space on the server's disk"},
};

}  // namespace

std::string SqlText(std::string_view text) {
  std::string out = "unhex('";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return out + "')";
}

Connection::Connection(const ClickhouseUrl& url, size_t place, size_t max_insert_bytes)
    : server_(url.servers[place]),
      user_(url.user),
      password_(url.password),
      database_(url.database),
      name_("clickhouse://" + http::JoinHostPort(server_.host, server_.port) + "/" + database_),
      max_insert_bytes_(max_insert_bytes) {}

Result<std::string> Connection::Select(const std::string& sql) const {
  // Without wait_end_of_query an error in the middle would look like the end of the rows. A year's
  // hours named one by one pass the server's limit of 256 KB.
  return Ask("?database=" + database_ +
                 "&wait_end_of_query=1&max_query_size=16777216&max_execution_time=" +
                 std::to_string(kTimeout.count()),
             sql + " FORMAT RowBinary");
}

Status Connection::Run(const std::string& sql) const {
  return Ask("?database=" + database_, sql).status();
}

Status Connection::Insert(const std::string& table, const std::string& rows) const {
  return Ask("?database=" + database_ +
                 "&query=" + InUrl("INSERT INTO " + table + " FORMAT RowBinary"),
             rows)
      .status();
}

Status Connection::CreateDatabase() const {
  return Ask("", "CREATE DATABASE IF NOT EXISTS " + database_).status();
}

Result<std::string> Connection::Ask(const std::string& parameters, const std::string& body) const {
  http::FetchOptions options;
  options.total_timeout = kTimeout;
  options.max_wire_bytes = kMaxAnswerBytes;
  options.max_body_bytes = kMaxAnswerBytes;
  options.max_sent_bytes = max_insert_bytes_;
  options.headers = {{"X-ClickHouse-User", user_}};
  if (!password_.empty()) options.headers["X-ClickHouse-Key"] = password_;
  Result<http::Fetched> answer =
      http::Post(server_.host, server_.port, "/" + parameters, body, options);
  if (!answer.ok()) return Unreachable(answer.status());
  if (answer->status != kHttpOk) return Explain(answer->status, answer->body);
  return std::move(answer->body);
}

// Of "POST http://host:port/?...: connect: Connection refused" what comes after the long target.
Status Connection::Unreachable(const Status& status) const {
  const std::string& message = status.message();
  const size_t at = message.rfind(": ", message.rfind(": ") - 1);
  const std::string reason =
      message.rfind("POST http", 0) == 0 && at != std::string::npos && message.find("/?") < at
          ? message.substr(at + 2)
          : message;
  if (status.code() == StatusCode::kResourceExhausted) {
    return {status.code(), name_ + ": " + reason + kShorter};
  }
  const StatusCode code =
      status.code() == StatusCode::kNotFound ? StatusCode::kUnavailable : status.code();
  return {code, name_ + ": " + reason +
                    "; is the server running there, and is that the port of its HTTP interface (" +
                    std::to_string(kClickhousePort) + " unless configured)?"};
}

Status Connection::Explain(int http_status, std::string_view text) const {
  const std::string said = text.empty() ? "HTTP " + std::to_string(http_status) : OneLine(text);
  const int code = ErrorCode(text);
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code) return {meaning.status, name_ + ": " + said + meaning.way_out};
  }
  return {StatusCode::kInternal, name_ + ": the server says: " + said};
}

}  // namespace stacksampler::store
