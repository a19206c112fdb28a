// SPDX-License-Identifier: MIT
//
// What a target answers to a collector: a line that names the instance, one that names the window,
// then its body; and how the endpoint shortens such a window.
#include "collector/source.h"
#include "endpoint/window_bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/http_answers.h"
#include "fuzz/profile_checks.h"

using namespace stacksampler;

namespace {

std::string_view left;

std::string_view NextLine() {
  const std::string_view line = left.substr(0, left.find('\n'));
  left.remove_prefix(std::min(line.size() + 1, left.size()));
  return line;
}

void CheckShortened(const Profile& profile) {
  constexpr size_t kMaxBytes = 300;
  const endpoint::EncodedWindow window = endpoint::EncodeWindow(profile, kMaxBytes);
  const auto decoded = DecodePprof(window.bytes);
  fuzz::Promise(decoded.ok(), "a shortened window can be read");
  fuzz::Promise(decoded->TotalWeight() == profile.TotalWeight(), "and weighs the same");
  fuzz::Promise(window.folded_weight <= profile.TotalWeight(), "no more is folded than there is");
}

}  // namespace

http::Fetched fuzz::NextAnswer() {
  http::Fetched answer;
  answer.status = 200;
  const std::string_view instance = NextLine();
  if (!instance.empty()) answer.headers["x-stacksampler-instance"] = instance;
  answer.headers["x-stacksampler-window"] = NextLine();
  answer.body = left;
  return answer;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  collector::SharedDictionary dictionary(std::make_shared<collector::Redactor>());
  collector::Source source({"web-1", 16384}, "0123456789abcdef", {}, {}, &dictionary);
  for (int poll = 0; poll < 2; ++poll) {
    left = fuzz::AsText(data, size);
    const auto collected = source.Collect();
    if (!collected.ok()) return 0;
    const Profile profile = dictionary.Copy(collected->samples);
    fuzz::CheckProfile(profile);
    CheckShortened(profile);
    source.Stored(collected->window);
  }
  return 0;
}
