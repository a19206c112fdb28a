// SPDX-License-Identifier: MIT
#include "http/token.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/errno_status.h"
#include "base/unique_fd.h"
#include "http/head.h"

namespace stacksampler::http {
namespace {

constexpr size_t kLeastBytes = 16;  // 96 bits, when they were drawn as base64
constexpr size_t kMostBytes = 512;
constexpr const char* kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Status WrongToken(const std::string& path, const std::string& why) {
  return {StatusCode::kInvalidArgument,
          "token file " + path + ": " + why +
              "; write one line of 16 to 512 letters and digits, for example by "
              "'openssl rand -hex 32'"};
}

// What the file holds, as far as a token can reach.
Result<std::string> ReadHead(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return ErrnoStatus(errno, "open the token file " + path,
                       "name a file that this user may read; make one with 'openssl rand -hex 32'");
  }
  if (!S_ISREG(info.st_mode)) return WrongToken(path, "is no regular file");
  std::string bytes(kMostBytes + 2, '\0');  // a line's end, and one more to tell that it is longer
  const ssize_t count = read(fd.get(), bytes.data(), bytes.size());
  if (count < 0) return ErrnoStatus(errno, "token file " + path);
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

// Every byte of `secret` is looked at, whatever `given` holds.
bool EqualInConstantTime(std::string_view given, std::string_view secret) {
  size_t difference = given.size() ^ secret.size();
  for (size_t i = 0; i < secret.size(); ++i) {
    const char other = given.empty() ? '\0' : given[i % given.size()];
    difference |= static_cast<unsigned char>(other ^ secret[i]);
  }
  return difference == 0;
}

// nullopt for what is no base64. Padding may be missing.
std::optional<std::string> DecodeBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = std::string_view(kAlphabet).find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return bytes;
}

// The password of "user:password" in base64, "" when there is none.
std::string PasswordOf(std::string_view credentials) {
  const auto decoded = DecodeBase64(credentials);
  const size_t colon = decoded ? decoded->find(':') : std::string::npos;
  return colon == std::string::npos ? "" : decoded->substr(colon + 1);
}

}  // namespace

Result<std::string> ReadTokenFile(const std::string& path) {
  auto token = ReadHead(path);
  if (!token.ok()) return token;
  if (!token->empty() && token->back() == '\n') token->pop_back();
  if (!token->empty() && token->back() == '\r') token->pop_back();
  if (token->size() < kLeastBytes) return WrongToken(path, "is too short");
  if (token->size() > kMostBytes) return WrongToken(path, "is too long");
  const bool is_visible =
      std::all_of(token->begin(), token->end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_visible) return WrongToken(path, "holds more than one line, or spaces or other bytes");
  return token;
}

bool CarriesToken(std::string_view authorization, std::string_view token) {
  const size_t space = authorization.find(' ');
  const std::string scheme = ToLower(authorization.substr(0, space));
  std::string_view rest =
      space == std::string_view::npos ? std::string_view() : authorization.substr(space + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (scheme == "basic") return EqualInConstantTime(PasswordOf(rest), token);
  return EqualInConstantTime(rest, token) && scheme == "bearer";
}

}  // namespace stacksampler::http
