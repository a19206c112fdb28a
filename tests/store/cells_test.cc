// SPDX-License-Identifier: MIT
#include "store/cells.h"

#include <map>
#include <random>

#include "support/catch.h"

namespace stacksampler::store {
namespace {

bool Read(std::string_view bytes, size_t stack_count, std::map<StackId, int64_t>* out) {
  out->clear();
  return ForEachCell(bytes, stack_count, [&](StackId stack, int64_t weight) {
    (*out)[stack] += weight;
    return true;
  });
}

}  // namespace

TEST_CASE("Cells: what is summed reads back") {
  std::mt19937_64 random(1);
  std::map<StackId, int64_t> expected;
  CellSums sums(500);
  for (int i = 0; i < 300; ++i) {
    const auto stack = static_cast<StackId>(random() % 500);
    const auto weight = static_cast<int64_t>(1 + random() % 100000);
    sums.Add(stack, weight);
    expected[stack] += weight;
  }
  std::map<StackId, int64_t> got;
  CHECK(Read(EncodeCells(sums.Take()), 500, &got));
  CHECK((got == expected));
  CHECK(sums.Take().empty());
}

TEST_CASE("Cells: a stack beyond the dictionary, a cut and a rest are refused") {
  const std::string bytes = EncodeCells({{3, 7}, {9, INT64_MAX}});
  std::map<StackId, int64_t> got;
  CHECK(Read(bytes, 10, &got));
  CHECK(got[9] == INT64_MAX);
  CHECK_FALSE(Read(bytes, 9, &got));
  CHECK_FALSE(Read(bytes + "x", 10, &got));
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Read(bytes.substr(0, size), 10, &got));
  }
}

TEST_CASE("Cells: a stack that comes twice is refused, the empty stack is not") {
  std::map<StackId, int64_t> got;
  for (const int64_t weight : {1, 1000}) {  // of one byte, and of two
    CHECK(Read(EncodeCells({{0, weight}, {1, weight}}), 10, &got));
    CHECK(got.size() == 2);
    CHECK_FALSE(Read(EncodeCells({{0, weight}, {0, weight}}), 10, &got));
    CHECK_FALSE(Read(EncodeCells({{3, weight}, {5, weight}, {5, weight}}), 10, &got));
  }
}

TEST_CASE("Cells: sums of a few stacks and of many are apart for each period") {
  constexpr size_t kStacks = 400;
  std::mt19937_64 random(2);
  std::map<int64_t, std::map<StackId, int64_t>> expected;
  PeriodSums sums(kStacks);
  for (const size_t count : {3, 49, 50, 51, 400}) {  // an eighth is 50
    const auto period_ns = static_cast<int64_t>(count);
    for (int round = 0; round < 2; ++round) {
      std::vector<Cell> cells;
      for (size_t i = 0; i < count; ++i) {
        cells.push_back({static_cast<StackId>(i), static_cast<int64_t>(random() % 1000)});
        if (cells.back().weight != 0)
          expected[period_ns][cells.back().stack] += cells.back().weight;
      }
      sums.Add(period_ns, cells);
    }
  }
  const std::string bytes = sums.Take();
  ByteReader in(bytes);
  CHECK(in.Count() == expected.size());
  for (const auto& [period_ns, cells] : expected) {
    CHECK(in.Int63() == period_ns);
    std::map<StackId, int64_t> got;
    CHECK(Read(in.Text(), kStacks, &got));
    CHECK((got == cells));
  }
  CHECK(in.done());
  CHECK(sums.Take() == std::string(1, '\0'));
}

}  // namespace stacksampler::store
