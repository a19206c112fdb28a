// SPDX-License-Identifier: MIT
#include "http/head.h"

#include "fuzz/fuzz.h"
#include "http/address.h"
#include "http/gate.h"
#include "http/server_codec.h"
#include "http/token.h"

using namespace stacksampler;

namespace {

void CheckFields(const http::HeaderFields& fields) {
  for (const auto& [name, value] : fields) {
    fuzz::Promise(name == http::ToLower(name) && !name.empty(), "names are in lower case");
    fuzz::Promise((name + value).find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                  "no field holds a line's end or NUL");
  }
}

// What a handler gets of it.
void CheckTarget(const http::RequestHead& request) {
  static http::ServerCodec codec;
  const auto handler = [](const http::Request& parsed) {
    fuzz::Promise(parsed.path.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                  "a path has no control bytes");
    return http::Response();
  };
  const std::string answer = codec.Answer(request, "127.0.0.1", handler);
  fuzz::Promise(answer.rfind("HTTP/1.1 ", 0) == 0, "every request has an answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::AsText(data, size);
  http::HeadScanner whole({});
  if (whole.Scan(text) != http::HeadState::kComplete) return 0;
  fuzz::Promise(whole.head_bytes() <= size, "a head ends in the bytes that came");
  http::HeadScanner piecewise({});
  size_t seen = 1;
  while (piecewise.Scan(text.substr(0, seen)) == http::HeadState::kIncomplete) ++seen;
  fuzz::Promise(seen == whole.head_bytes(), "a head ends at the same byte however it arrives");
  const std::string_view head = text.substr(0, whole.head_bytes());
  if (const auto request = http::ParseRequestHead(head)) {
    CheckFields(request->fields);
    CheckTarget(*request);
    static_cast<void>(http::RefusalOfRequest(*request, {{"web-1"}, "", "0123456789abcdef"}));
  }
  if (const auto response = http::ParseResponseHead(head)) CheckFields(response->fields);
  return 0;
}
