// SPDX-License-Identifier: MIT
#include "base/time_phrase.h"

#include "fuzz/fuzz.h"

using namespace stacksampler;

namespace {

constexpr int64_t kNow = 1'763'800'000'123'456'789;

/// An hour forward, and back again, a hundred days later.
const TimeZone& ChangingZone() {
  static const TimeZone zone("changing", [](int64_t ns) {
    return ns / (100 * kDayNs) % 2 == 0 ? 3600 * kSecondNs : 7200 * kSecondNs;
  });
  return zone;
}

void Check(std::string_view text, TimeEdge edge, const TimeZone& zone) {
  const TimePhrase phrase = ParseTimePhrase(text, kNow, edge, zone);
  if (!phrase.ok) {
    fuzz::Promise(phrase.error_position <= text.size(), "an error lies in the text");
    fuzz::Promise(!phrase.error.empty(), "an error has a reason");
    return;
  }
  const TimePhrase again = ParseTimePhrase(FormatTime(phrase.ns, zone), kNow, TimeEdge::kFrom);
  fuzz::Promise(again.ok && again.ns == phrase.ns, "a moment that was written is read the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const TimeZone& zone : {TimeZone(), ChangingZone()}) {
    Check(fuzz::AsText(data, size), TimeEdge::kFrom, zone);
    Check(fuzz::AsText(data, size), TimeEdge::kUntil, zone);
  }
  return 0;
}
