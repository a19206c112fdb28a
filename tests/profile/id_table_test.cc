// SPDX-License-Identifier: MIT
#include "stacksampler/id_table.h"

#include <random>
#include <utility>

#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr uint32_t kMany = 100'000;
// The line of cache, and some steps behind it while at most half is taken.
constexpr double kMostComparisons = 24;

/// Pairs of numbers under ids from `first` on, and how often one was compared.
struct Pairs {
  explicit Pairs(uint32_t first = 0) : table(first), all(first) {}

  uint32_t FindOrAdd(std::pair<uint32_t, uint32_t> pair) {
    const auto next = static_cast<uint32_t>(all.size());
    const auto is = [&](uint32_t id) { return ++comparisons, all[id] == pair; };
    const auto hash_of = [this](uint32_t id) { return table.Of(all[id].first, all[id].second); };
    const uint32_t id = table.FindOrAdd(table.Of(pair.first, pair.second), next, is, hash_of);
    if (id == next) all.push_back(pair);
    return id;
  }
  [[nodiscard]] uint32_t Find(std::pair<uint32_t, uint32_t> pair) const {
    return table.Find(table.Of(pair.first, pair.second),
                      [&](uint32_t id) { return all[id] == pair; });
  }

  IdTable table;
  std::vector<std::pair<uint32_t, uint32_t>> all;
  size_t comparisons = 0;
};

template <typename PairOf>
void CheckShape(const PairOf& pair_of, uint32_t many = kMany) {
  Pairs pairs;
  for (uint32_t i = 0; i < many; ++i) REQUIRE(pairs.FindOrAdd(pair_of(i)) == i);
  for (uint32_t i = 0; i < many; ++i) REQUIRE(pairs.FindOrAdd(pair_of(i)) == i);
  CHECK(pairs.all.size() == many);
  CHECK(static_cast<double>(pairs.comparisons) <= 2 * many * kMostComparisons);
}

TEST_CASE("IdTable: finds what was added, in few steps whatever its shape") {
  SECTION("a chain of calls") {
    CheckShape([](uint32_t i) { return std::pair(i, uint32_t{7}); });
  }
  SECTION("all children of one parent") {
    CheckShape([](uint32_t i) { return std::pair(uint32_t{1}, i); });
  }
  SECTION("a hundred children each") {
    CheckShape([](uint32_t i) { return std::pair(i / 100, i % 100); });
  }
  SECTION("two parents far apart whose lines are the same") {
    CheckShape([](uint32_t i) { return std::pair(i % 2 << 28, i / 2); });
  }
  SECTION("no order at all") {
    std::mt19937_64 random(1);
    std::vector<std::pair<uint32_t, uint32_t>> made;
    for (uint32_t i = 0; i < kMany; ++i) {
      made.emplace_back(static_cast<uint32_t>(random() >> 8), static_cast<uint32_t>(random() >> 8));
    }
    CheckShape([&](uint32_t i) { return made[i]; });
  }
  SECTION("three children each, parents in order: lines are full side by side") {
    CheckShape([](uint32_t i) { return std::pair(i / 3, i % 3); });
  }
}

// Fibonacci hashing, which everybody can compute.
uint32_t WithoutSecret(uint32_t near, uint32_t other) {
  return static_cast<uint32_t>((uint64_t{near} << 32 | other) * 0x9e3779b97f4a7c15ull >> 32);
}

TEST_CASE(
    "IdTable: values made to fall together by a hash without a secret are found in few steps") {
  constexpr uint32_t kCrafted = 4000;  // in 8,192 places
  std::vector<std::pair<uint32_t, uint32_t>> crafted;
  for (uint32_t i = 0; crafted.size() < kCrafted; ++i) {
    if (WithoutSecret(1, i) % 8192 == 0) crafted.emplace_back(1, i);
  }
  CheckShape([&](uint32_t i) { return crafted[i]; }, kCrafted);
}

TEST_CASE("IdTable: knows nothing of what was not added, nor of ids below its first") {
  CHECK(Pairs().Find({0, 0}) == IdTable::kNone);
  Pairs pairs(1);
  CHECK(pairs.FindOrAdd({0, 0}) == 1);
  for (uint32_t i = 1; i < 1000; ++i) pairs.FindOrAdd({i, i});
  CHECK(pairs.Find({0, 0}) == 1);
  CHECK(pairs.Find({1000, 1000}) == IdTable::kNone);
  CHECK(pairs.Find({1, 2}) == IdTable::kNone);
}

TEST_CASE("IdTable: after it was cleared ids begin anew") {
  Pairs pairs;
  for (uint32_t i = 0; i < 100; ++i) pairs.FindOrAdd({i, 0});
  pairs.table.Clear();
  pairs.all.clear();
  CHECK(pairs.Find({5, 0}) == IdTable::kNone);
  CHECK(pairs.FindOrAdd({5, 0}) == 0);
}

TEST_CASE("IdTable: finds what was appended without it, once it is asked to find or add") {
  Pairs pairs(1);
  for (uint32_t i = 1; i <= kMany; ++i) {
    if (i % 1000 != 0) {
      pairs.all.emplace_back(i, 5);
    } else {
      REQUIRE(pairs.FindOrAdd({i, 5}) == i);
    }
  }
  for (uint32_t i = 1; i <= kMany; ++i) REQUIRE(pairs.FindOrAdd({i, 5}) == i);
  CHECK(pairs.all.size() == kMany + 1);
}

TEST_CASE("IdTable: with room made before it finds the same") {
  Pairs pairs;
  pairs.table.Reserve(kMany);
  for (uint32_t i = 0; i < kMany; ++i) pairs.FindOrAdd({i, 3});
  for (uint32_t i = 0; i < kMany; ++i) REQUIRE(pairs.Find({i, 3}) == i);
}

}  // namespace
}  // namespace stacksampler
