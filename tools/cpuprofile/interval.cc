// SPDX-License-Identifier: MIT
#include "cpuprofile/interval.h"

#include <charconv>
#include <cmath>

namespace stacksampler::cpuprofile {
namespace {

constexpr double kMaxNs = 1e18;

double NsPer(std::string_view unit) {
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  return unit == "s" ? 1e9 : 0;
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseInterval(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return {};
  const double ns = number * NsPer(text.substr(static_cast<size_t>(end - text.data())));
  if (!(ns >= 1 && ns <= kMaxNs)) return {};
  return std::chrono::nanoseconds(std::llround(ns));
}

}  // namespace stacksampler::cpuprofile
