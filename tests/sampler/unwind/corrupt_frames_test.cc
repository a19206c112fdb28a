// SPDX-License-Identifier: MIT
//
// Mutated copies of this process' own unwind information. A copy ends where an unreadable page
// begins: a read past its end does not go unseen.
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "sampler/unwind/fde_table.h"
#include "sampler/unwind/loaded_modules.h"
#include "sampler/unwind/module_rows.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr size_t kPageBytes = 4096;

class GuardedCopy {
 public:
  explicit GuardedCopy(const std::vector<uint8_t>& bytes)
      : size_(bytes.size()), mapped_((size_ + kPageBytes - 1) / kPageBytes * kPageBytes) {
    map_ = static_cast<uint8_t*>(mmap(nullptr, mapped_ + kPageBytes, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(map_ + mapped_, kPageBytes, PROT_NONE);
    Reset(bytes);
  }
  ~GuardedCopy() { munmap(map_, mapped_ + kPageBytes); }
  GuardedCopy(const GuardedCopy&) = delete;
  GuardedCopy& operator=(const GuardedCopy&) = delete;

  void Reset(const std::vector<uint8_t>& bytes) { std::memcpy(data(), bytes.data(), size_); }
  uint8_t* data() { return map_ + (mapped_ - size_); }

 private:
  size_t size_;
  size_t mapped_;
  uint8_t* map_;
};

LoadedModule ModuleOf(uintptr_t pc) {
  LoaderCounts counts;
  for (const LoadedModule& module : ListModules(&counts)) {
    if (module.code_begin <= pc && pc < module.code_end) return module;
  }
  return {};
}

// What the walker relies on.
void CheckRows(const std::vector<Row>& rows, uintptr_t code_bytes) {
  REQUIRE_FALSE(rows.empty());
  REQUIRE(rows[0].offset == 0);
  REQUIRE(rows.back().offset < code_bytes);
  REQUIRE(std::is_sorted(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.offset < b.offset; }));
}

}  // namespace

TEST_CASE("BuildRows: survives any corruption with rows that are still in order") {
  const LoadedModule module = ModuleOf(reinterpret_cast<uintptr_t>(&ModuleOf));
  std::vector<uint8_t> original;
  REQUIRE(CopyUnwindBytes(module, &original));
  GuardedCopy copy(original);
  const UnwindImage image{copy.data(), original.size(), module.unwind_begin, module.header};

  std::mt19937 random(20261122);
  const size_t header_bytes = 12;
  for (int round = 0; round < 400; ++round) {
    copy.Reset(original);
    const size_t flips = 1 + random() % 2000;
    for (size_t i = 0; i < flips; ++i) {
      const size_t at = header_bytes + random() % (original.size() - header_bytes);
      copy.data()[at] = static_cast<uint8_t>(random());
    }
    if (round % 4 == 0) copy.data()[random() % header_bytes] ^= static_cast<uint8_t>(random());
    SideTable sides;
    const auto rows = BuildRows(image, module.code_begin, module.code_end, &sides);
    CheckRows(rows, module.code_end - module.code_begin);
    CHECK(sides.rules().size() <= SideTable::kMaxRules);
  }
}

TEST_CASE("BuildRows: survives a section cut off anywhere") {
  const LoadedModule module = ModuleOf(reinterpret_cast<uintptr_t>(&ModuleOf));
  std::vector<uint8_t> original;
  REQUIRE(CopyUnwindBytes(module, &original));
  for (size_t part = 1; part <= 32; ++part) {
    const std::vector<uint8_t> cut(
        original.begin(), original.begin() + static_cast<ptrdiff_t>(original.size() * part / 32));
    GuardedCopy copy(cut);
    const UnwindImage image{copy.data(), cut.size(), module.unwind_begin, module.header};
    SideTable sides;
    CheckRows(BuildRows(image, module.code_begin, module.code_end, &sides),
              module.code_end - module.code_begin);
  }
}

TEST_CASE("BuildRows: gives code without a table one gap row") {
  SideTable sides;
  const auto rows = BuildRows(UnwindImage(), 0x1000, 0x2000, &sides);
  REQUIRE(rows.size() == 1);
  CHECK(Rule::FromBits(rows[0].rule).Is(NoRule::kGap));
}

TEST_CASE("SideTable: keeps each rule once and refuses more than its bound") {
  SideTable sides;
  SideRule side;
  for (int i = 0; i < static_cast<int>(SideTable::kMaxRules); ++i) {
    side.cfa_offset = i;
    REQUIRE(sides.Intern(side) == Rule(RuleKind::kSide, 0, static_cast<uint32_t>(i)));
  }
  CHECK(sides.Intern(side).operand() == SideTable::kMaxRules - 1);
  side.cfa_offset = -1;
  CHECK(sides.Intern(side).Is(NoRule::kUnsupported));
}

}  // namespace stacksampler::unwind
