// SPDX-License-Identifier: MIT
//
// Unwind information and code as compilers for arm64 write them.
#include <cstdint>
#include <cstring>
#include <vector>

#include "sampler/unwind/cfi.h"
#include "sampler/unwind/pack_rule.h"
#include "sampler/unwind/return_address.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

using Bytes = std::vector<uint8_t>;

struct RuleAt {
  Rule rule;
  SideRule side;
};

// Behind GCC's common entry: the CFA is sp.
std::vector<RuleAt> Run(const Bytes& program, bool is_signal_frame = false) {
  static const Bytes kInitial = {0x0c, 31, 0};
  Cie cie;
  cie.code_align = 4;
  cie.data_align = -8;
  cie.program = ByteReader(kInitial.data(), kInitial.size());
  Fde fde;
  fde.program = ByteReader(program.data(), program.size());
  std::vector<RuleAt> rules;
  for (CfiRows rows(cie, fde); rows.Next();) {
    RuleAt at;
    at.rule = PackRule(rows.state(), is_signal_frame, &at.side);
    rules.push_back(at);
  }
  return rules;
}

const uint8_t* Code(const uint32_t* instructions) {
  return reinterpret_cast<const uint8_t*>(instructions);
}

bool IsCall(uint32_t instruction) { return EndsInCall(Code(&instruction)); }

}  // namespace

TEST_CASE("arm64 rules: a leaf keeps its return address in the link register") {
  const Rule rule = Run({})[0].rule;
  CHECK(rule.kind() == RuleKind::kSp);
  CHECK_FALSE(rule.empty());
  CHECK(rule.operand() == 0);
  CHECK(rule.return_address_bytes() == 0);
  CHECK(rule.fp_bytes() == 0);
}

TEST_CASE("arm64 rules: follow a prologue that signs and saves, and the epilogue") {
  // paciasp; stp x29, x30, [sp, -32]!; ...; ldp x29, x30, [sp], 32; autiasp
  const auto rules = Run({0x41, 0x2d, 0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3, 0x48,  //
                          0xdd, 0xde, 0x0e, 0, 0x41, 0x2d});
  REQUIRE(rules.size() == 5);
  const Rule leaf = rules[0].rule;
  CHECK(rules[1].rule == leaf);
  CHECK(rules[2].rule.kind() == RuleKind::kSp);
  CHECK(rules[2].rule.operand() == 4);
  CHECK(rules[2].rule.return_address_bytes() == 24);
  CHECK(rules[2].rule.fp_bytes() == 32);
  CHECK(rules[3].rule == leaf);
  CHECK(rules[4].rule == leaf);
}

TEST_CASE("arm64 rules: know a return address saved alone, and frames by x29") {
  const Rule alone = Run({0x0e, 16, 0x9e, 2})[0].rule;
  CHECK(alone.return_address_bytes() == 16);
  CHECK(alone.fp_bytes() == 0);
  const Rule by_fp = Run({0x0c, 29, 48, 0x9d, 6, 0x9e, 5})[0].rule;
  CHECK(by_fp.kind() == RuleKind::kFp);
  CHECK(by_fp.operand() == 6);
  CHECK(by_fp.fp_bytes() == 48);
}

TEST_CASE("arm64 rules: put far and scattered saves, and other registers, into the side table") {
  const auto scattered = Run({0x0e, 64, 0x9d, 8, 0x9e, 2})[0];
  CHECK(scattered.rule.kind() == RuleKind::kSide);
  CHECK(scattered.side == SideRule{31, false, SideRule::Fp::kAtCfa, 0, 64, -64, -16});
  // CFA = sp + 32768, both saved at its lower end.
  const auto far = Run({0x0e, 0x80, 0x80, 2, 0x9d, 0x80, 32, 0x9e, 0xff, 31})[0];
  CHECK(far.rule.kind() == RuleKind::kSide);
  CHECK(far.side == SideRule{31, false, SideRule::Fp::kAtCfa, 0, 32768, -32768, -32760});
  const auto by_x9 = Run({0x0c, 9, 0})[0];
  CHECK(by_x9.side == SideRule{9, false, SideRule::Fp::kUnchanged, 0, 0, 0, 0});
}

TEST_CASE("arm64 rules: find the registers of a signal frame, whatever its program says") {
  // As older kernels have it: CFA = x29, both registers there.
  const Rule rule = Run({0x0c, 29, 0, 0x9d, 0, 0x9e, 0x7f}, true)[0].rule;
  CHECK(rule == Rule(RuleKind::kSignalFrame, 0, 16));
}

TEST_CASE("arm64 rules: take an undefined link register for the root, and guess nothing") {
  CHECK(Run({0x07, 30})[0].rule.kind() == RuleKind::kRoot);
  CHECK(Run({0x09, 30, 9})[0].rule.Is(NoRule::kUnsupported));  // kept in x9
  CHECK(Run({0x09, 29, 9})[0].rule.Is(NoRule::kUnsupported));
  CHECK(Run({0x0c, 46, 0})[0].rule.Is(NoRule::kUnsupported));  // by a vector's length
  CHECK(Run({0x3d})[0].rule.Is(NoRule::kUnsupported));
}

TEST_CASE("arm64 return addresses: follow BL and every BLR, and nothing else") {
  CHECK(IsCall(0x94000001));        // bl .+4
  CHECK(IsCall(0x97ffffff));        // bl .-4
  CHECK(IsCall(0xd63f0100));        // blr x8
  CHECK(IsCall(0xd63f091f));        // blraaz x8
  CHECK(IsCall(0xd63f0d1f));        // blrabz x8
  CHECK(IsCall(0xd73f0909));        // blraa x8, x9
  CHECK_FALSE(IsCall(0x14000001));  // b
  CHECK_FALSE(IsCall(0xd61f0100));  // br x8
  CHECK_FALSE(IsCall(0xd65f03c0));  // ret
  CHECK_FALSE(IsCall(0xd503201f));  // nop
}

TEST_CASE("arm64 calls: lead where their distance says, through linkage tables") {
  const uint32_t forth = 0x94000002;
  const uint32_t back = 0x97ffffff;
  const uint32_t indirect = 0xd63f0100;
  CHECK(CallTarget(Code(&forth), 0x1004) == 0x1008);
  CHECK(CallTarget(Code(&back), 0x1004) == 0xffc);
  CHECK(CallTarget(Code(&indirect), 0x1004) == 0);

  // adrp x16, .+0x10000; ldr x17, [x16, 0xfc8]; add x16, x16, 0xfc8
  const uint32_t entry[] = {0x90000090, 0xf947e611, 0x913f2210};
  CHECK(PltSlot(Code(entry), 0x850) == 0x10fc8);
  const uint32_t guarded[] = {0xd503245f, 0x90000090, 0xf947e611};
  CHECK(PltSlot(Code(guarded), 0x850) == 0x10fc8);
  const uint32_t other[] = {0x90000091, 0xf947e611, 0x913f2210};
  CHECK(PltSlot(Code(other), 0x850) == 0);
}

TEST_CASE("arm64 return addresses: lose the signature of pointer authentication") {
  CHECK(arch::StripSignature(0x002a005502864001) == 0x5502864001);
  CHECK(arch::StripSignature(0xffd5ffff12345678) == 0xffff12345678);
  CHECK(arch::StripSignature(0x5502864001) == 0x5502864001);
}

}  // namespace stacksampler::unwind
