// SPDX-License-Identifier: MIT
//
// What the environment and command lines say: lines of NAME=VALUE as the environment, each VALUE as
// what options take, --redact's rules among them.
#include <map>

#include "collector/keep.h"
#include "collector/redact.h"
#include "collector/targets.h"
#include "fuzz/fuzz.h"
#include "http/token.h"
#include "preload/config.h"
#include "store/clickhouse/url.h"

using namespace stacksampler;

namespace {

std::map<std::string, std::string, std::less<>> VariablesOf(std::string_view text) {
  std::map<std::string, std::string, std::less<>> variables;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return variables;
}

template <typename T>
bool Explained(const Result<T>& result) {
  fuzz::Promise(result.ok() || !result.status().message().empty(), "an error has a reason");
  return result.ok();
}

void CheckOption(const std::string& value) {
  if (const auto age = collector::ParseAge("--keep", value); Explained(age)) {
    fuzz::Promise(*age >= 0, "ages are not negative");
  }
  Explained(collector::ParseBytes("--keep-bytes", value));
  if (const auto bucket = collector::ParseBucket("--sample-times", value); Explained(bucket)) {
    fuzz::Promise(*bucket >= 1 && 1000 % *bucket == 0, "a bucket is a whole part of a second");
  }
  if (const auto share = collector::ParseShare(value); Explained(share)) {
    fuzz::Promise(share->number >= 1 && share->number <= share->of, "a share is one of them");
  }
  if (const auto url = store::ParseClickhouseUrl(value); Explained(url)) {
    fuzz::Promise(!url->servers.empty() && !url->database.empty(), "a URL names server and place");
    fuzz::Promise(url->password.empty(), "no URL has a password");
  }
}

constexpr size_t kMaxTextBytes = 100;  // each of them may become as long as the rule

void CheckRule(const std::string& value) {
  const auto redactor = collector::Redactor::Of({value});
  if (!Explained(redactor)) return;
  fuzz::Promise(redactor->has_rules(), "a rule counts");
  static_cast<void>(redactor->Text(value.substr(0, kMaxTextBytes)));
}

void CheckToken(const std::string& value) {
  const auto token = http::ReadTokenFile(fuzz::FileOf(value));
  if (!Explained(token)) return;
  fuzz::Promise(http::CarriesToken("Bearer " + *token, *token), "a token opens its own door");
  fuzz::Promise(!http::CarriesToken("Bearer " + *token + "x", *token), "and no other does");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto variables = VariablesOf(fuzz::AsText(data, size));
  const auto config = preload::ReadConfig(
      [&](const char* name) -> const char* {
        const auto found = variables.find(std::string_view(name));
        return found != variables.end() ? found->second.c_str() : nullptr;
      },
      4242);
  if (Explained(config)) {
    fuzz::Promise(config->output.find("%p") == std::string::npos, "%p is the process's id");
  }
  for (const auto& [name, value] : variables) {
    CheckOption(value);
    CheckRule(value);
    CheckToken(value);
    static_cast<void>(http::CarriesToken(value, "0123456789abcdef"));
  }
  return 0;
}
