// SPDX-License-Identifier: MIT
#include "cpuprofile/interval.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace stacksampler::cpuprofile {
namespace {

constexpr double kMaxNs = 1e18;

double NsPer(std::string_view unit) {
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  return unit == "s" ? 1e9 : 0;
}

}  // namespace

Result<std::chrono::nanoseconds> ParseInterval(const std::string& text) {
  double number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (error == std::errc() && end == text_end && number > 0) {
    return Status(StatusCode::kInvalidArgument,
                  text + ": the unit is missing; write " + text + "ms or " + text + 's');
  }
  const double ns = error == std::errc() ? number * NsPer(std::string_view(end, text_end)) : 0;
  if (!(ns >= 1 && ns <= kMaxNs)) {
    return Status(StatusCode::kInvalidArgument, text + ": must be a number with us, ms or s");
  }
  return std::chrono::nanoseconds(std::llround(ns));
}

}  // namespace stacksampler::cpuprofile
