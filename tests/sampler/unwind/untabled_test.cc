// SPDX-License-Identifier: MIT
#include "sampler/unwind/untabled.h"

#include "sampler/unwind/generation.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kStride = 7;
constexpr uintptr_t kMaxBytes = 400000;  // of each module

// How many of the module's addresses have another rule in the table than in the module itself.
size_t CountDifferences(const Generation& generation, const ModuleTable& module) {
  size_t differences = 0;
  for (uintptr_t pc = module.begin; pc < module.end && pc - module.begin < kMaxBytes;
       pc += kStride) {
    SideRule side;
    const Rule tabled = module.Find(pc);
    const Rule read = FindUntabledRule(pc, &side);
    const bool same =
        tabled.kind() == RuleKind::kSide
            ? read.kind() == RuleKind::kSide && generation.side_rules[tabled.operand()] == side
            : tabled == read;
    differences += same ? 0 : 1;
  }
  return differences;
}

}  // namespace

TEST_CASE("FindUntabledRule: reads from a module what its table says, for every module") {
  RefreshTables();
  const Generation& generation = *CurrentGeneration();
  REQUIRE(generation.module_count >= 4);  // program, libc, libstdc++, vdso at least
  for (size_t i = 0; i < generation.module_count; ++i) {
    CHECK(CountDifferences(generation, generation.modules[i]) == 0);
  }
}

TEST_CASE("FindUntabledRule: knows that data, the heap and null are in no module") {
  SideRule side;
  const int local = 0;
  CHECK(FindUntabledRule(0, &side).Is(NoRule::kOutside));
  CHECK(FindUntabledRule(reinterpret_cast<uintptr_t>(&local), &side).Is(NoRule::kOutside));
}

}  // namespace stacksampler::unwind
