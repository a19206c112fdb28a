// SPDX-License-Identifier: MIT
#include "sampler/unwind/cfi.h"

#include <cstdint>
#include <vector>

#include "made_frames.h"
#include "support/catch.h"

namespace stacksampler::unwind {

TEST_CASE("CfiRows: follows pushes and pops of a function without frame pointer") {
  const auto rules = RunProgram({0x41, 0x0e, 16, 0x86, 2, 0x44, 0x0e, 48, 0x60, 0x0e, 8, 0xc6});
  REQUIRE(rules.size() == 4);
  CHECK(rules[0].begin == 0x100);
  CHECK(rules[0].rule == Rule(RuleKind::kSp, 0, 1));
  CHECK(rules[1].begin == 0x101);
  CHECK(rules[1].rule == Rule(RuleKind::kSp, 2, 2));
  CHECK(rules[2].begin == 0x105);
  CHECK(rules[2].rule == Rule(RuleKind::kSp, 2, 6));
  CHECK(rules[3].begin == 0x125);
  CHECK(rules[3].rule == Rule(RuleKind::kSp, 0, 1));
}

TEST_CASE("CfiRows: restores what it remembered, two deep, and not what it never did") {
  const auto rules =
      RunProgram({0x0a, 0x41, 0x0e, 16, 0x0a, 0x41, 0x0e, 24, 0x41, 0x0b, 0x41, 0x0b, 0x41, 0x0b});
  REQUIRE(rules.size() == 6);
  CHECK(rules[2].rule == Rule(RuleKind::kSp, 0, 3));
  CHECK(rules[3].rule == Rule(RuleKind::kSp, 0, 2));
  CHECK(rules[4].rule == Rule(RuleKind::kSp, 0, 1));
  CHECK(rules[5].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("PackRule: knows the frames of realigned stacks") {
  // breg6 0 for rbp; breg6 -8, deref for the CFA.
  const auto rules = RunProgram({0x10, 6, 2, 0x76, 0, 0x0f, 3, 0x76, 0x78, 0x06});
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].rule == Rule(RuleKind::kFpDeref, 1, 0));
}

TEST_CASE("PackRule: knows linkage tables, and when their entries push") {
  const auto rules =
      RunProgram({0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x39, 0x2a, 0x33, 0x24, 0x22});
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].rule == Rule(RuleKind::kPlt, 0, 9));
}

TEST_CASE("PackRule: knows no linkage table where any byte of the expression is another") {
  const Bytes plt = {0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x39, 0x2a, 0x33, 0x24, 0x22};
  for (size_t at = 2; at < plt.size(); ++at) {
    CAPTURE(at);
    Bytes wrong = plt;
    wrong[at] ^= 0x40;
    CHECK(RunProgram(wrong)[0].rule.Is(NoRule::kUnsupported));
  }
  Bytes no_literal = plt;
  no_literal[8] = 0x09;  // const1s, below the literals
  CHECK(RunProgram(no_literal)[0].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("PackRule: puts other registers and dereferences into the side table") {
  const auto by_r10 = RunProgram({0x0c, 10, 0});
  REQUIRE(by_r10.size() == 1);
  CHECK(by_r10[0].rule.kind() == RuleKind::kSide);
  CHECK(by_r10[0].side == SideRule{10, false, SideRule::Fp::kUnchanged, 0, 0, 0});
  const auto deref = RunProgram({0x0f, 6, 0x77, 0xb8, 0x01, 0x06, 0x23, 8, 0x86, 2});
  REQUIRE(deref.size() == 1);
  CHECK(deref[0].side == SideRule{7, true, SideRule::Fp::kAtCfa, 8, 184, -16});
}

TEST_CASE("PackRule: finds the registers of a signal frame wherever its expressions say") {
  const int rsp = 160 + 32, rip = rsp + 8, rbp = rsp - 40;
  const auto low = [](int v) { return static_cast<uint8_t>((v & 0x7f) | 0x80); };
  const auto high = [](int v) { return static_cast<uint8_t>(v >> 7); };
  const Bytes program = {0x0f, 4,  0x77, low(rsp), high(rsp), 0x06,       //
                         0x10, 6,  3,    0x77,     low(rbp),  high(rbp),  //
                         0x10, 16, 3,    0x77,     low(rip),  high(rip)};
  const auto rules = RunProgram(program, true);
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].rule == Rule(RuleKind::kSignalFrame, 0, 4));

  Bytes inconsistent = program;
  inconsistent[10] ^= 8;
  CHECK(RunProgram(inconsistent, true)[0].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("PackRule: takes an undefined return address for the root of the stack") {
  const auto rules = RunProgram({0x07, 16});
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].rule.kind() == RuleKind::kRoot);
}

TEST_CASE("PackRule: refuses what it cannot say rather than guess") {
  CHECK(RunProgram({0x90, 2})[0].rule.Is(NoRule::kUnsupported));     // return address at CFA - 16
  CHECK(RunProgram({0x09, 6, 3})[0].rule.Is(NoRule::kUnsupported));  // rbp kept in a register
  CHECK(RunProgram({0x0f, 1, 0x9c})[0].rule.Is(NoRule::kUnsupported));  // unknown operator
  CHECK(RunProgram({0x0f, 3, 0x77, 8, 0x9c})[0].rule.Is(NoRule::kUnsupported));
  CHECK(RunProgram({0x3d})[0].rule.Is(NoRule::kUnsupported));         // unknown instruction
  CHECK(RunProgram({0x0c, 7})[0].rule.Is(NoRule::kUnsupported));      // cut off
  CHECK(RunProgram({0x0c, 17, 8})[0].rule.Is(NoRule::kUnsupported));  // a vector register
}

TEST_CASE("PackRule: refuses expressions that are cut off, go on, or do not fit") {
  const std::vector<Bytes> expressions = {{0x77},                                    // no offset
                                          {0x03, 0, 0x06},                           // an address
                                          {0x9c, 0, 0x06, 0x23, 8},                  // call frame
                                          {0x77, 8, 0x06, 0x96},                     // deref, nop
                                          {0x77, 8, 0x06, 0x23},                     // no addend
                                          {0x77, 8, 0x06, 0x23, 8, 0x96},            // one more
                                          {0x77, 8, 0x06, 0x23, 0x80, 0x80, 0x02}};  // 2^15
  for (const Bytes& expression : expressions) {
    Bytes program = {0x0f, static_cast<uint8_t>(expression.size())};
    Append(expression, &program);
    CAPTURE(expression);
    CHECK(RunProgram(program)[0].rule.Is(NoRule::kUnsupported));
  }
}

TEST_CASE("PackRule: refuses a saved rbp whose place is told by another expression") {
  CHECK_FALSE(RunProgram({0x10, 6, 2, 0x76, 0})[0].rule.Is(NoRule::kUnsupported));
  CHECK(RunProgram({0x10, 6, 1, 0x76})[0].rule.Is(NoRule::kUnsupported));  // no offset
  CHECK(
      RunProgram({0x10, 6, 3, 0x76, 0, 0x06})[0].rule.Is(NoRule::kUnsupported));  // deref behind it
  CHECK(RunProgram({0x10, 6, 2, 0x70, 0})[0].rule.Is(NoRule::kUnsupported));      // by rax
  CHECK(RunProgram({0x10, 6, 6, 0x77, 0x80, 0x80, 0x80, 0x80, 1})[0].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("ParseCie: reads GCC's entry and refuses versions and letters it does not know") {
  const Bytes entry = {20, 0,    0,  0, 0,    0,    0, 0, 1,    'z', 'R', 0,
                       1,  0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1,   0,   0};
  Cie cie;
  REQUIRE(ParseCie(Reader(entry), &cie));
  CHECK(cie.code_align == 1);
  CHECK(cie.data_align == -8);
  CHECK(cie.pointer_encoding == 0x1b);
  CHECK(cie.has_augmentation_data);
  CHECK_FALSE(cie.is_signal_frame);

  for (const auto& [at, value] : {std::pair<size_t, uint8_t>{8, 9}, {10, 'Q'}, {14, 30}, {4, 1}}) {
    Bytes wrong = entry;
    wrong[at] = value;
    CHECK_FALSE(ParseCie(Reader(wrong), &cie));
  }
  for (size_t size = 0; size < entry.size(); ++size) {
    CHECK_FALSE(ParseCie(ByteReader(entry.data(), size), &cie));
  }
}

}  // namespace stacksampler::unwind
