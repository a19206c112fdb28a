// SPDX-License-Identifier: MIT
//
// Purpose: a profile like that of a big C++ service, the same in every run: deep, of long names that
//   recur, most of it in a few stacks and the rest in a great many.
// Thread safety: free functions.
#ifndef STACKSAMPLER_TESTS_VISUALIZER_RANDOM_TREE_H_
#define STACKSAMPLER_TESTS_VISUALIZER_RANDOM_TREE_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler::visualizer {

inline constexpr int64_t kTreePeriodNs = 5'000'000;
inline constexpr size_t kDeepest = 80;
inline constexpr size_t kNamesInTree = 30'000;
inline constexpr uint64_t kHottest = 100'000;  // samples

inline std::string RandomName(std::mt19937_64* random, size_t number) {
  static constexpr const char* kSpaces[] = {"shop", "db",  "net::http",
                                            "json", "std", "base::strings"};
  static constexpr const char* kTypes[] = {"Server", "Order",   "Parser",
                                           "Cache",  "Session", "Index"};
  static constexpr const char* kVerbs[] = {"Handle", "Parse", "Find", "Write", "Merge", "Visit"};
  const auto pick = [random](const auto& list) {
    return std::string(list[(*random)() % std::size(list)]);
  };
  std::string name = pick(kSpaces) + "::" + pick(kTypes);
  if ((*random)() % 3 == 0) name += "<" + pick(kSpaces) + "::" + pick(kTypes) + " const&, int>";
  return name + "::" + pick(kVerbs) + std::to_string(number);
}

/// Functions that call a few others each, some of them most of the time: the same subtrees come
/// back under many callers, as in real programs.
class RandomProgram {
 public:
  static constexpr size_t kCallees = 12;

  RandomProgram(size_t functions, std::mt19937_64* random) : random_(random), callees_(functions) {
    for (auto& callees : callees_) {
      for (size_t i = 0; i < kCallees; ++i) callees.push_back((*random)() % functions);
    }
  }
  /// A callee of `function`: the i-th is called about half as often as the one before it.
  size_t Callee(size_t function) {
    size_t i = 0;
    while (i + 1 < kCallees && (*random_)() % 100 < 55) ++i;
    return callees_[function][i];
  }

 private:
  std::mt19937_64* random_;
  std::vector<std::vector<size_t>> callees_;
};

/// `nodes` stacks, of samples that walk from main into the program and stop somewhere. Raw bits of
/// the generator only: distributions differ between libraries.
inline Profile RandomTree(size_t nodes) {
  std::mt19937_64 random(20261122);
  Profile profile;
  profile.period_ns = kTreePeriodNs;
  const size_t functions = std::min(kNamesInTree, nodes / 4 + 10);
  std::vector<FrameId> frames;
  for (size_t i = 0; i < functions; ++i) {
    frames.push_back(profile.InternFrame(RandomName(&random, i)));
  }
  RandomProgram program(functions, &random);
  while (profile.stacks().size() <= nodes) {
    StackId stack = 0;
    size_t function = 0;
    for (size_t depth = 0; depth < kDeepest && profile.stacks().size() <= nodes; ++depth) {
      stack = profile.InternStack(stack, frames[function]);
      if (depth > 4 && random() % 100 < 6) break;
      function = program.Callee(function);
    }
    // A few stacks are hot: the n-th hottest weighs about an n-th of the first.
    const auto weight = static_cast<int64_t>(kHottest / (1 + random() % kHottest));
    profile.AddSample(stack, 0, weight, weight * kTreePeriodNs);
  }
  return profile;
}

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_TESTS_VISUALIZER_RANDOM_TREE_H_
