// SPDX-License-Identifier: MIT
#include "stacksampler/keyed_hash.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "profile/crafted_keys.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr size_t kMany = 20'000;
// Of keys that fall anywhere some bucket holds eight; one with twenty is not seen in 10^15 runs.
constexpr size_t kLongestChain = 20;

template <typename Table>
size_t LongestChain(const Table& table) {
  size_t longest = 0;
  for (size_t i = 0; i < table.bucket_count(); ++i) {
    longest = std::max(longest, table.bucket_size(i));
  }
  return longest;
}

template <typename Hash>
size_t LongestChainOfTexts() {
  std::unordered_set<std::string, Hash> table;
  for (size_t i = 0; i < kMany; ++i) table.insert(tests::CollidingTexts().Text(i));
  REQUIRE(table.size() == kMany);
  return LongestChain(table);
}

template <typename Hash>
size_t LongestChainOfNumbers() {
  std::unordered_set<uint64_t, Hash> table;
  for (const uint64_t number : tests::CollidingNumbers(kMany)) table.insert(number);
  REQUIRE(table.size() == kMany);
  return LongestChain(table);
}

TEST_CASE("TextHasher: texts made to fall together by std::hash do not") {
  CHECK(LongestChainOfTexts<std::hash<std::string>>() == kMany);
  CHECK(LongestChainOfTexts<TextHasher>() <= kLongestChain);
}

TEST_CASE("NumberHasher: numbers made to fall together by their values do not") {
  CHECK(LongestChainOfNumbers<std::hash<uint64_t>>() == kMany);
  CHECK(LongestChainOfNumbers<NumberHasher>() <= kLongestChain);
}

TEST_CASE("TextHasher: texts of every length are told apart, by each of their bytes") {
  const TextHasher hash;
  for (size_t length = 0; length <= 1100; ++length) {
    const std::string text(length, 'x');
    CHECK(hash(text) == TextHasher()(std::string(text)));
    CHECK(hash(text) != hash(text + 'x'));
    for (size_t at = 0; at < length; at += 1 + length / 16) {
      std::string other = text;
      other[at] = 'y';
      CHECK(hash(text) != hash(other));
    }
  }
}

TEST_CASE("NumberHasher: a table keeps its secret where it is copied and moved to") {
  std::unordered_map<uint64_t, uint64_t, NumberHasher> first;
  for (uint64_t i = 0; i < 1000; ++i) first.emplace(i, i);
  auto copy = first;
  const auto moved = std::move(first);
  for (uint64_t i = 0; i < 1000; ++i) {
    REQUIRE(copy.at(i) == i);
    REQUIRE(moved.at(i) == i);
  }
}

}  // namespace
}  // namespace stacksampler
