// SPDX-License-Identifier: MIT
//
// What a check finds where each block makes sense, and they contradict each other.
#include "store/forged_segment.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string TwiceInRow() {
  std::string out = ForgedBlocks::Row(kEndNs, 0, EncodeCells({{0, 3}}));
  return out + ForgedBlocks::Row(kEndNs + 10 * kSecond, 0, EncodeCells({{0, 4}})) + out;
}

}  // namespace

TEST_CASE("Check: what a segment says of itself has to be so") {
  const auto problems = [](const auto& change) {
    ForgedBlocks blocks;
    change(&blocks);
    return ForgedSegment(blocks).Problems();
  };
  CHECK(Mentions(problems([](ForgedBlocks* blocks) { blocks->meta.weight = 8; }),
                 "its sums do not fit its records"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) { blocks->meta.records = 3; }),
                 "its sums do not fit its records"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) { blocks->meta.cpu_ns = 71; }),
                 "its sums do not fit its records"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) {
                   blocks->payloads["total"] = ForgedBlocks::Total(10, EncodeCells({{1, 8}}));
                 }),
                 "total is not the sum of its targets"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) {
                   blocks->payloads["total/0"].clear();
                   PutText(&blocks->payloads["total/0"], EncodeCells({{1, 8}}));
                 }),
                 "total/0 is not the sum of its rows"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) { blocks->targets[0].records = 3; }),
                 "1 records are lost"));
  CHECK(Mentions(
      problems([](ForgedBlocks* blocks) { blocks->payloads[ForgedBlocks::Rows()] = TwiceInRow(); }),
      "more records than its table says"));
  CHECK(Mentions(problems([](ForgedBlocks* blocks) {
                   std::string again = blocks->payloads["dict"];
                   again[0] = 2;  // texts: the one there is, twice
                   blocks->payloads["dict"] = again.substr(0, 6) + again.substr(1);
                 }),
                 "its dictionary repeats itself"));
}

TEST_CASE("Check: times that do not fit their records are lost, and the records are not") {
  const std::string cells = EncodeTimeCells({{1, 5, 3}});
  const std::string forged[] = {
      ForgedBlocks::TimesRow(2, ForgedBlocks::kBucketNs, cells),  // of a third record
      ForgedBlocks::TimesRow(1, ForgedBlocks::kBucketNs,
                             cells),  // of the second, which ended later
      ForgedBlocks::TimesRow(0, ForgedBlocks::kBucketNs,
                             EncodeTimeCells({{1, 5, 4}})),  // heavier than it
      ForgedBlocks::TimesRow(0, ForgedBlocks::kBucketNs,
                             EncodeTimeCells({{2, 5, 3}})),  // of a stack that is not there
      ForgedBlocks::TimesRow(0, 999'999, cells),             // too short a bucket
  };
  for (const std::string& times : forged) {
    ForgedBlocks blocks;
    blocks.payloads[ForgedBlocks::Times()] = times;
    const ForgedSegment file(blocks);
    const auto found = CheckSegment(file.path());
    REQUIRE(found.ok());
    CHECK(found->lost_times);
    CHECK(Mentions(found->problems, ForgedBlocks::Times()));
    CHECK(found->log.records().size() == 2);
  }
}

TEST_CASE("Check: a total of a day whose sums pass 2^63, or do not fit, is named") {
  ForgedBlocks good;
  CHECK(ForgedSegment(good).ProblemsOfDay().empty());
  ForgedBlocks wrong;
  wrong.meta.weight = 8;
  CHECK(Mentions(ForgedSegment(wrong).ProblemsOfDay(), "its sums do not fit each other"));
  // Three targets that weigh 2^64 + 7 together, which wraps to what the others say.
  ForgedBlocks huge;
  huge.targets.assign(3, huge.targets[0]);
  const int64_t weights[] = {INT64_MAX, INT64_MAX, 9};
  for (size_t i = 0; i < 3; ++i) {
    std::string* const total = &huge.payloads[TargetTotalKey(i)];
    total->clear();
    PutText(total, EncodeCells({{1, weights[i]}}));
  }
  CHECK(Mentions(ForgedSegment(huge).ProblemsOfDay(), TargetTotalKey(1) + " is not understood"));
}

}  // namespace stacksampler::store
