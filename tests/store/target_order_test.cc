// SPDX-License-Identifier: MIT
//
// The order in which a target's rows number its stacks.
#include "store/target_order.h"

#include "base/varint.h"
#include "store/merger.h"
#include "store/record_visit.h"
#include "store/segment.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string BlockOf(const std::vector<std::vector<Cell>>& series) {
  std::string block;
  for (const auto& cells : series) PutText(&block, EncodeCells(cells));
  return block;
}

std::string OnlySegment(const TempDir& dir) {
  for (const std::string& name : FilesIn(dir.path())) {
    if (name[0] == 'h') return dir.path(name);
  }
  return "";
}

}  // namespace

TEST_CASE(
    "TargetOrder: sums of more binary digits come first, of as many in the dictionary's order") {
  CHECK(OrderOf({{2, 1}, {3, 7}, {5, 4}, {6, INT64_MAX}, {7, 8}, {9, 1}}) ==
        TargetOrder{6, 7, 3, 5, 2, 9});
  CHECK(OrderOf({}).empty());
}

TEST_CASE("TargetOrder: follows from the sums over all series of the target") {
  const std::string one = BlockOf({{{1, 1}, {4, 9}, {7, 2}}});
  CHECK(*ReadOrder(one, 1, 8) == TargetOrder{4, 7, 1});
  const std::string two = BlockOf({{{1, 3}, {4, 3}}, {{1, 1}, {7, 1}}});
  CHECK(*ReadOrder(two, 2, 8) == TargetOrder{1, 4, 7});
}

TEST_CASE("TargetOrder: there is none for bytes that are no sums of so many series") {
  const std::string two = BlockOf({{{1, 3}, {4, 3}}, {{1, INT64_MAX}, {7, 1}}});
  CHECK_FALSE(ReadOrder(two, 1, 8));
  CHECK_FALSE(ReadOrder(two, 3, 8));
  CHECK_FALSE(ReadOrder(two, 2, 8));  // past 2^63
  const std::string one = BlockOf({{{1, 1}, {7, 2}}});
  CHECK(ReadOrder(one, 1, 8));
  CHECK_FALSE(ReadOrder(one, 1, 7));
  CHECK_FALSE(ReadOrder(one.substr(0, one.size() - 1), 1, 8));
}

TEST_CASE("Segment: a stack without weight is in no row, and changes no sum") {
  const TempDir dir;
  Window window = SmallWindow("web", 1, kNoon + kSecond, 5);
  const StackId idle = window.profile.InternStack(0, window.profile.InternFrame("idle"));
  window.profile.AppendSample({idle, 0, 0, 0});
  {
    const auto writer = MustWrite(dir.path(), {});
    MustAppend(writer.get(), window);
    MustAppend(writer.get(), SmallWindow("web", 2, kNoon + 2 * kSecond, 7));
    REQUIRE(writer->Seal().ok());
  }
  Query first;
  first.until_ns = kNoon + kSecond;
  const Result<QueryResult> answer = MustRead(dir.path())->Merge(first);
  REQUIRE(answer.ok());
  CHECK(answer->warnings.empty());
  CHECK(answer->profile.TotalWeight() == 5);
  CHECK(answer->profile.samples().size() == 1);
}

TEST_CASE("Segment: orders are kept from question to question, and forgotten when told to") {
  const TempDir dir;
  {
    const auto writer = MustWrite(dir.path(), {});
    for (uint64_t id = 1; id <= 2; ++id) {
      MustAppend(writer.get(), SmallWindow("web", id, kNoon + static_cast<int64_t>(id), 3));
    }
    REQUIRE(writer->Seal().ok());
  }
  Result<Segment> segment = Segment::Open(OnlySegment(dir));
  REQUIRE(segment.ok());
  Profile vocabulary;
  const auto sum = [&](int64_t until_ns) {
    Query query;
    query.until_ns = until_ns;
    Merger merger(query, vocabulary);
    REQUIRE(segment->Merge({&merger}, &vocabulary).ok());
    return merger.Take()->TotalWeight();
  };
  CHECK(sum(INT64_MAX) == 6);
  CHECK_FALSE(segment->keeps_rows());
  for (int i = 0; i < 2; ++i) {
    CHECK(sum(kNoon + 1) == 3);
    CHECK(segment->keeps_rows());
  }
  segment->ForgetRows();
  CHECK(sum(kNoon + 1) == 3);
}

TEST_CASE("Records: the sums of a target that has none in the range are not read") {
  const TempDir dir;
  {
    const auto writer = MustWrite(dir.path(), {});
    MustAppend(writer.get(), SmallWindow("early", 1, kNoon + kSecond, 3));
    MustAppend(writer.get(), SmallWindow("late", 1, kNoon + kHour / 2, 5));
    REQUIRE(writer->Seal().ok());
  }
  BreakValue(OnlySegment(dir), "total/0");
  Profile vocabulary;
  int64_t weight = 0;
  std::vector<std::string> warnings;
  const auto add = [&weight](const VisitedCell& cell) { weight += cell.weight; };
  REQUIRE(
      VisitRecords(dir.path(), {kNoon + kHour / 2, INT64_MAX}, &vocabulary, add, &warnings).ok());
  CHECK(warnings.empty());
  CHECK(weight == 5);
  REQUIRE(VisitRecords(dir.path(), {kNoon, INT64_MAX}, &vocabulary, add, &warnings).ok());
  CHECK(Mentions(warnings, "total/0"));
  CHECK(weight == 5 + 5);
}

}  // namespace stacksampler::store
