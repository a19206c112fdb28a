// SPDX-License-Identifier: MIT
#include "base/time_phrase.h"

#include "fuzz/fuzz.h"

using namespace stacksampler;

namespace {

constexpr int64_t kNow = 1'763'800'000'123'456'789;

void Check(std::string_view text, TimeEdge edge) {
  const TimePhrase phrase = ParseTimePhrase(text, kNow, edge);
  if (!phrase.ok) {
    fuzz::Promise(phrase.error_position <= text.size(), "an error lies in the text");
    fuzz::Promise(!phrase.error.empty(), "an error has a reason");
    return;
  }
  const TimePhrase again = ParseTimePhrase(FormatTime(phrase.ns), kNow, TimeEdge::kFrom);
  fuzz::Promise(again.ok && again.ns == phrase.ns, "a moment that was written is read the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Check(fuzz::AsText(data, size), TimeEdge::kFrom);
  Check(fuzz::AsText(data, size), TimeEdge::kUntil);
  return 0;
}
