// SPDX-License-Identifier: MIT
#include "sampler/unwind/rule.h"

#include <memory>

#include "sampler/unwind/rule_cache.h"
#include "support/catch.h"

namespace stacksampler::unwind {

TEST_CASE("Rule: keeps its three parts, to their bounds, in 29 bits") {
  for (const Rule rule : {Rule(RuleKind::kSide, Rule::kMaxSlot, Rule::kMaxOperand),
                          Rule(RuleKind::kSp, 0, 1), Rule(RuleKind::kFp, 2, 2)}) {
    const Rule copy = Rule::FromBits(rule.bits());
    CHECK(copy.kind() == rule.kind());
    CHECK(copy.slot() == rule.slot());
    CHECK(copy.operand() == rule.operand());
    CHECK(rule.bits() >> Rule::kBits == 0);
  }
  CHECK(Rule().empty());
  CHECK_FALSE(Rule(NoRule::kGap).empty());
}

TEST_CASE("RuleCache: finds what was stored for an address, and for no other") {
  const Rule rule(RuleKind::kSp, 2, 6);
  const uintptr_t limit = uintptr_t{1} << RuleCache::kAddressBits;
  for (uintptr_t pc = 0x7f0000001234; pc < limit; pc += limit / 977) {
    const auto cache = std::make_unique<RuleCache>();
    CHECK(cache->Find(pc).empty());
    cache->Store(pc, rule);
    CHECK(cache->Find(pc) == rule);
    for (unsigned bit = 0; bit < RuleCache::kAddressBits; ++bit) {
      CHECK(cache->Find(pc ^ uintptr_t{1} << bit).empty());
    }
    cache->Store(pc, Rule(RuleKind::kRoot, 0, 0));
    CHECK(cache->Find(pc).kind() == RuleKind::kRoot);
  }
}

}  // namespace stacksampler::unwind
