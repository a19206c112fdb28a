// SPDX-License-Identifier: MIT
#include "profile/cost_text.h"

#include <cmath>

namespace stacksampler {
namespace {

constexpr int64_t kMillisecond = 1000;  // in microseconds
constexpr int64_t kSecond = 1'000'000;

// Not printf: it writes the point as the process's locale likes it.
std::string Decimal(double value, int places) {
  const double power = std::pow(10, places);
  const auto scaled = static_cast<int64_t>(std::llround(value * power));
  const auto unit = static_cast<int64_t>(power);
  std::string rest = std::to_string(scaled % unit);
  rest.insert(0, static_cast<size_t>(places) - rest.size(), '0');
  return std::to_string(scaled / unit) + '.' + rest;
}

}  // namespace

std::string CostText(int64_t cost, TreeUnit unit) {
  const auto value = static_cast<double>(cost);
  if (unit == TreeUnit::kSamples)
    return std::to_string(cost) + (cost == 1 ? " sample" : " samples");
  if (cost >= kSecond) return Decimal(value / kSecond, 2) + " s";
  if (cost >= kMillisecond) return Decimal(value / kMillisecond, 2) + " ms";
  return std::to_string(cost) + " \xc2\xb5s";
}

std::string PercentText(int64_t part, int64_t whole) {
  if (whole == 0) return "0.0 %";
  return Decimal(100 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

}  // namespace stacksampler
