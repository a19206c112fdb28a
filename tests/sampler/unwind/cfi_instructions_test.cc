// SPDX-License-Identifier: MIT
//
// Each instruction of call frame information, and each part of a CIE, alone.
#include <cstdint>
#include <utility>
#include <vector>

#include "made_frames.h"
#include "sampler/unwind/cfi.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

Rule OnlyRule(const Bytes& program) {
  const std::vector<RuleAt> rules = RunProgram(program);
  REQUIRE(rules.size() == 1);
  return rules[0].rule;
}

// Where the second range begins, from the first.
uintptr_t Step(const Bytes& program, uint32_t code_align = 1) {
  const std::vector<RuleAt> rules = RunProgram(program, false, kInitialProgram, code_align);
  return rules.size() == 2 ? rules[1].begin - rules[0].begin : 0;
}

// A CIE of these bytes behind its length.
bool Parses(const Bytes& body, Cie* cie) {
  Bytes entry = Little(body.size(), 4);
  Append(body, &entry);
  return ParseCie(Reader(entry), cie);
}

bool Parses(const Bytes& body) {
  Cie cie;
  return Parses(body, &cie);
}

// GCC's with these letters, their data, and an empty program.
Bytes CieWith(const Bytes& letters, const Bytes& data) {
  Bytes body = {0, 0, 0, 0, 1};
  Append(letters, &body);
  const Bytes alignments = {0, 1, 0x78, 16, static_cast<uint8_t>(data.size())};
  Append(alignments, &body);
  Append(data, &body);
  return body;
}

constexpr Rule kAtEntry{RuleKind::kSp, 0, 1};
constexpr Rule kPushed{RuleKind::kSp, 2, 2};

}  // namespace

TEST_CASE("CfiRows: steps on by distances of each size, counted in the code's alignment") {
  CHECK(Step({0x45}) == 5);
  CHECK(Step({0x02, 0xfe}) == 0xfe);
  CHECK(Step({0x03, 0x01, 0xfe}) == 0xfe01);
  CHECK(Step({0x04, 0x01, 0, 0, 0x40}) == 0x40000001);
  CHECK(Step({0x45}, 4) == 20);
  CHECK(RunProgram({0x40, 0x00}).size() == 1);
  const auto rules = RunProgram({0x04, 0, 0, 0, 0x40}, false, kInitialProgram, 4);
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("CfiRows: knows each way to say where the CFA is") {
  CHECK(OnlyRule({0x0c, 6, 16}) == Rule(RuleKind::kFp, 0, 2));
  CHECK(OnlyRule({0x12, 6, 0x7e}) == Rule(RuleKind::kFp, 0, 2));
  CHECK(OnlyRule({0x0d, 6}) == Rule(RuleKind::kFp, 0, 1));
  CHECK(OnlyRule({0x0e, 24}) == Rule(RuleKind::kSp, 0, 3));
  CHECK(OnlyRule({0x13, 0x7d}) == Rule(RuleKind::kSp, 0, 3));
  CHECK(OnlyRule({0x0e, 0x80, 0x80, 0x80, 0x80, 0x08}).Is(NoRule::kUnsupported));  // 2^31
}

TEST_CASE("CfiRows: knows each way to say where a register is") {
  const Bytes push = {0x0e, 16};
  const auto saved_by = [&](Bytes how) {
    how.insert(how.begin(), push.begin(), push.end());
    return OnlyRule(how);
  };
  CHECK(saved_by({0x86, 2}) == kPushed);
  CHECK(saved_by({0x05, 6, 2}) == kPushed);
  CHECK(saved_by({0x11, 6, 2}) == kPushed);
  CHECK(saved_by({0x2f, 6, 2}).kind() == RuleKind::kSide);  // above the CFA
  CHECK(saved_by({0x86, 2, 0x08, 6}) == Rule(RuleKind::kSp, 0, 2));
  CHECK(saved_by({0x86, 2, 0xc6}) == Rule(RuleKind::kSp, 0, 2));
  CHECK(saved_by({0x86, 2, 0x06, 6}) == Rule(RuleKind::kSp, 0, 2));
  CHECK(saved_by({0x83, 3}) == Rule(RuleKind::kSp, 0, 2));  // rbx, which nobody asks for
  for (const Bytes& elsewhere : {Bytes{0x07, 6}, Bytes{0x09, 6, 3}, Bytes{0x14, 6, 2},
                                 Bytes{0x15, 6, 2}, Bytes{0x16, 6, 1, 0x50}}) {
    CAPTURE(elsewhere);
    CHECK(saved_by(elsewhere).Is(NoRule::kUnsupported));
  }
  CHECK(saved_by({0x86, 0x80, 0x80, 0x80, 0x40}).Is(NoRule::kUnsupported));  // 2^27 words away
  CHECK(saved_by({0x07, 16}).kind() == RuleKind::kRoot);
  CHECK(saved_by({0x07, 16, 0xd0}) == Rule(RuleKind::kSp, 0, 2));
}

TEST_CASE("CfiRows: passes over what no profiler needs") {
  CHECK(OnlyRule({0x00, 0x00}) == kAtEntry);
  CHECK(OnlyRule({0x2e, 0x20, 0x0e, 16}) == Rule(RuleKind::kSp, 0, 2));  // bytes of arguments
}

TEST_CASE("CfiRows: remembers so many states and no more") {
  CHECK(OnlyRule({0x0a, 0x0e, 16, 0x0b}) == kAtEntry);
  CHECK(OnlyRule({0x0a, 0x0a}) == kAtEntry);
  CHECK(OnlyRule({0x0a, 0x0a, 0x0a}).Is(NoRule::kUnsupported));
  CHECK(OnlyRule({0x0b}).Is(NoRule::kUnsupported));
}

TEST_CASE("CfiRows: what a CIE's own program has wrong is wrong in its functions") {
  const auto rules = RunProgram({0x41, 0x0e, 16}, false, {0x0c, 7, 8, 0x90, 1, 0x3d});
  REQUIRE(rules.size() == 2);
  for (const RuleAt& at : rules) CHECK(at.rule.Is(NoRule::kUnsupported));
}

TEST_CASE("ParseCie: reads each letter's data") {
  Cie cie;
  REQUIRE(Parses(CieWith({'z', 'P', 'L', 'R', 'S'}, {0x1b, 1, 2, 3, 4, 0x1b, 0x0b}), &cie));
  CHECK(cie.pointer_encoding == 0x0b);
  CHECK(cie.is_signal_frame);
  CHECK(cie.has_augmentation_data);
  CHECK_FALSE(Parses(CieWith({'z', 'R'}, {})));
  CHECK_FALSE(Parses(CieWith({'z', 'P'}, {0x1b, 1, 2, 3})));
  CHECK_FALSE(Parses(CieWith({'z', 'Q'}, {0})));
  CHECK_FALSE(Parses(CieWith({'R'}, {0x1b})));
  CHECK_FALSE(Parses(CieWith({'z', 'L', 'L', 'L', 'L', 'L', 'L', 'L', 'L', 'L'}, Bytes(9))));
}

TEST_CASE("ParseCie: reads entries without letters, of version 3, and with a length of 8 bytes") {
  Cie cie;
  REQUIRE(Parses({0, 0, 0, 0, 1, 0, 1, 0x78, 16, 0x0c, 7, 8}, &cie));
  CHECK_FALSE(cie.has_augmentation_data);
  CHECK(cie.pointer_encoding == 0);
  CHECK(cie.program.size() == 3);
  REQUIRE(Parses({0, 0, 0, 0, 3, 0, 4, 0x78, 0x90, 0, 0x0c, 7, 8}, &cie));
  CHECK(cie.code_align == 4);
  CHECK(cie.program.size() == 3);
  CHECK_FALSE(Parses({0, 0, 0, 0, 4, 0, 1, 0x78, 16}));

  Bytes entry = Little(UINT32_MAX, 4);
  const Bytes length = Little(GccCie().size(), 8);
  Append(length, &entry);
  const Bytes body = GccCie();
  Append(body, &entry);
  CHECK(ParseCie(Reader(entry), &cie));
  entry[11] = 1;  // 2^56 bytes
  CHECK_FALSE(ParseCie(Reader(entry), &cie));
}

TEST_CASE("ParseCie: refuses alignments that do not fit, and other return addresses") {
  const auto with = [](const Bytes& alignments) {
    Bytes body = {0, 0, 0, 0, 1, 0};
    Append(alignments, &body);
    return Parses(body);
  };
  CHECK(with({1, 0x78, 16}));
  CHECK_FALSE(with({0x80, 0x80, 0x80, 0x80, 0x08, 0x78, 16}));
  CHECK_FALSE(with({1, 0x80, 0x80, 0x80, 0x80, 0x08, 16}));
  CHECK_FALSE(with({1, 0x78, 15}));
  CHECK_FALSE(Parses({0, 0, 0, 0, 1}));
  CHECK_FALSE(Parses({0, 0, 0, 0, 3, 0, 1, 0x78, 0x90}));  // 16, and cut off
}

}  // namespace stacksampler::unwind
