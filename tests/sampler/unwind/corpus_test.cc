// SPDX-License-Identifier: MIT
//
// More than a hundred thousand stacks, held against libunwind's.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sampler/unwind/bare_code.h"
#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/single_step.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

int DeepStacks() {
  int sum = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) sum += Churn(seed);
  return sum;
}

int StandardLibrary() {
  std::map<std::string, std::vector<int>> numbers;
  const std::string text = "a=12;b=70;a=3";
  for (size_t i = 0; i < text.size(); i += 5) {
    numbers[text.substr(i, 1)].push_back(std::stoi(text.substr(i + 2)));
  }
  char printed[64];
  std::snprintf(printed, sizeof printed, "%10.3f %s", 1 / 3.0, text.c_str());
  auto& sorted = numbers["a"];
  std::stable_sort(sorted.begin(), sorted.end());
  return sorted.front() + static_cast<int>(numbers.size()) + printed[4];
}

// Interrupted between the throw and the handler, too, in the C++ runtime and in libgcc's unwinder.
int Exceptions() {
  try {
    CallThroughDeepStack(1, [] { throw std::string("7"); });
  } catch (const std::string& text) {
    return std::stoi(text);
  }
  return 0;
}

int Signals() {
  int sum = 0;
  CallThroughSignals([&sum] { sum = Churn(2); });
  return sum;
}

int Coroutine() {
  int sum = 0;
  CallOnOwnStack([&sum] { sum = Churn(3); });
  return sum;
}

int BareAssembly() {
  int sum = 0;
  CallThroughBareFrame([&sum] { sum = Churn(5); });
  return sum;
}

int GeneratedCode() {
  int sum = 0;
  CallThroughGeneratedCode([&sum] { sum = Churn(6); });
  return sum;
}

// What a step may do to the program is seen in the result.
Tally Step(uintptr_t stack_high, int (*body)()) {
  const int result = body();  // binds what it calls
  int result_in_steps = 0;
  Tally tally = SingleStep(stack_high, [&] { result_in_steps = body(); });
  CHECK(result_in_steps == result);
  CHECK(tally.unlike_plain == 0);
  CHECK(tally.first_different == "");
  CHECK(tally.different == 0);
  return tally;
}

}  // namespace

TEST_CASE("Corpus: 100,000 stacks are libunwind's, with a memo and without") {
  RefreshTables();
  Tally all;
  for (const auto body : {DeepStacks, StandardLibrary, Signals}) {
    const Tally tally = Step(StackHigh(), body);
    CHECK(tally.stacks() == tally.equal + tally.misleading);
    CHECK(tally.incomplete == 0);
    all += tally;
  }
  CHECK(all.misleading < all.stacks() / 100);
  CHECK(all.equal >= 100000);
}

TEST_CASE("Corpus: stacks in the midst of a throw are libunwind's but for a few instructions") {
  RefreshTables();
  const Tally tally = Step(StackHigh(), Exceptions);
  CHECK(tally.equal > 50000);
  CHECK(tally.throwing < tally.stacks() / 100);
  CHECK(tally.guessed == 0);
  CHECK(tally.switching == 0);
}

TEST_CASE("Corpus: a coroutine's stack ends where makecontext() began it") {
  RefreshTables();
  const Tally tally = Step(0, Coroutine);
  CHECK(tally.equal > 1000);
  CHECK(tally.incomplete < tally.stacks() / 50);
}

TEST_CASE("Corpus: stacks through code without unwind information are flagged, and complete") {
  RefreshTables();
  for (const auto body : {BareAssembly, GeneratedCode}) {
    const Tally tally = Step(StackHigh(), body);
    CHECK(tally.guessed > 1000);
    CHECK(tally.incomplete == 0);
  }
}

}  // namespace stacksampler::unwind
