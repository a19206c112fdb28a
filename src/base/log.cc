// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <unistd.h>

#include <cerrno>

namespace stacksampler {
namespace {

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

bool IsBare(std::string_view value) {
  for (const char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == '\x7f') return false;
  }
  return !value.empty();
}

// A hostile name may hold terminal escapes; none gets through.
void AppendQuoted(std::string_view value, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      *out += "\\x";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 15];
    } else {
      *out += c;
    }
  }
  *out += '"';
}

void AppendField(std::string_view key, std::string_view value, std::string* out) {
  if (!out->empty()) *out += ' ';
  *out += key;
  *out += '=';
  if (IsBare(value)) {
    *out += value;
  } else {
    AppendQuoted(value, out);
  }
}

}  // namespace

std::string LogLine(LogLevel level, std::string_view message, LogFields fields) {
  std::string line;
  AppendField("level", Name(level), &line);
  AppendField("msg", message, &line);
  for (const auto& [key, value] : fields) AppendField(key, value, &line);
  return line;
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  const std::string line = LogLine(level, message, fields) + '\n';
  // One write() a line keeps lines of several threads apart. A log that cannot be written is
  // nobody's loss but its own.
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace stacksampler
