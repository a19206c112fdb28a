// SPDX-License-Identifier: MIT
//
// Purpose: a handler over an in-memory store at a fixed moment, and small profiles to put there.
#ifndef STACKSAMPLER_TESTS_VISUALIZER_FIXTURE_H_
#define STACKSAMPLER_TESTS_VISUALIZER_FIXTURE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_store_reader.h"
#include "visualizer/routes.h"

namespace stacksampler::visualizer {

inline constexpr int64_t kSecondNs = 1'000'000'000;
inline constexpr int64_t kMinuteNs = 60 * kSecondNs;
inline constexpr int64_t kPeriodNs = 5'000'000;
inline constexpr int64_t kNowNs = 1'795'326'000 * kSecondNs;  // 2026-11-22T05:40:00Z

struct StackOf {
  std::vector<std::string> frames;
  int64_t weight;
  std::string thread;
};

inline Profile ProfileOf(const std::vector<StackOf>& stacks, int64_t period_ns = kPeriodNs) {
  Profile profile;
  profile.period_ns = period_ns;
  for (const StackOf& each : stacks) {
    StackId stack = 0;
    for (const std::string& name : each.frames) {
      stack = profile.InternStack(stack, profile.InternFrame(name));
    }
    profile.AddSample(stack, profile.InternLabels({{"thread", each.thread}}), each.weight,
                      each.weight * period_ns);
  }
  return profile;
}

/// "" when it has none of that name.
inline std::string Header(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

inline int64_t Sum(const nlohmann::json& numbers) {
  return std::accumulate(
      numbers.begin(), numbers.end(), int64_t{0},
      [](int64_t sum, const nlohmann::json& each) { return sum + each.get<int64_t>(); });
}

struct Fixture {
  FakeStoreReader store;
  http::Handler handler = MakeHandler(&store, [] { return kNowNs; });

  using Params = std::multimap<std::string, std::string>;

  http::Response Get(const std::string& path, Params params = {}, Params headers = {}) const {
    return handler({"GET", path, std::move(params), std::move(headers), "127.0.0.1"});
  }
  nlohmann::json GetJson(const std::string& path, Params params = {}) const {
    return nlohmann::json::parse(Get(path, std::move(params)).body);
  }

  /// Two targets: five minutes ago and one minute ago.
  void AddExample() {
    store.Add(
        {{"host", "web-1"}, {"port", "16384"}}, kNowNs - 5 * kMinuteNs,
        ProfileOf({{{"main", "serve", "parse"}, 6, "worker"}, {{"main", "idle"}, 1, "main"}}));
    store.Add(
        {{"host", "web-2"}, {"port", "16385"}}, kNowNs - kMinuteNs,
        ProfileOf({{{"main", "serve"}, 2, "worker"}, {{"main", "serve", "send"}, 1, "worker"}}));
  }
};

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_TESTS_VISUALIZER_FIXTURE_H_
