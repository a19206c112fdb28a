// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "demo/handlers.h"

namespace demo {
namespace {

constexpr int kPositions = 10000;

std::string DeliveryNote(uint32_t seed) {
  std::string text = "{\"delivery\":{\"positions\":[";
  for (int i = 0; i < kPositions; ++i) {
    seed = seed * 1664525 + 1013904223;
    text += (i ? "," : "");
    text += "{\"supplier\":{\"name\":\"supplier-" + std::to_string(seed % 50) +
            "\"},\"item\":{\"pieces\":" + std::to_string(seed >> 24) +
            ",\"price\":" + std::to_string(seed % 1000) + "}}";
  }
  return text + "]}}";
}

// A chain of stages, each called by the one before: how generic libraries come to their deep
// stacks.
template <typename Value, typename Last>
auto Through(Value&& value, Last&& last) {
  return std::forward<Last>(last)(std::forward<Value>(value));
}

template <typename Value, typename Stage, typename... Rest>
auto Through(Value&& value, Stage&& stage, Rest&&... rest) {
  return Through(std::forward<Stage>(stage)(std::forward<Value>(value)),
                 std::forward<Rest>(rest)...);
}

using Totals = std::map<std::string, int64_t>;

Totals GroupBySupplier(const nlohmann::json& note) {
  Totals totals;
  for (const auto& position : note.at(nlohmann::json::json_pointer("/delivery/positions"))) {
    totals[position.at("supplier").at("name").get<std::string>()] +=
        position.at("item").at("pieces").get<int64_t>() *
        position.at("item").at("price").get<int64_t>();
  }
  return totals;
}

std::vector<std::pair<std::string, int64_t>> Ranked(const Totals& totals) {
  std::vector<std::pair<std::string, int64_t>> ranking(totals.begin(), totals.end());
  std::sort(ranking.begin(), ranking.end(),
            [](const auto& a, const auto& b) { return a.second > b.second; });
  return ranking;
}

}  // namespace

[[gnu::noinline]] int64_t HandleImport(uint32_t seed) {
  return Through(
      DeliveryNote(seed), [](const std::string& text) { return nlohmann::json::parse(text); },
      GroupBySupplier, Ranked, [](const auto& ranking) { return ranking.front().second; });
}

}  // namespace demo
