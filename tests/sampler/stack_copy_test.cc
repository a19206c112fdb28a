// SPDX-License-Identifier: MIT
#include "sampler/unwind/stack_copy.h"

#include <sys/mman.h>

#include "sampler/unwind/fde_search.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

using Source = StackCopy::Source;

// Two pages, of which the second may be taken away.
struct Pages {
  uint64_t* words = static_cast<uint64_t*>(
      mmap(nullptr, 2 * kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ~Pages() { munmap(words, 2 * kPageBytes); }
  [[nodiscard]] uintptr_t At(size_t byte) const {
    return reinterpret_cast<uintptr_t>(words) + byte;
  }
};

TEST_CASE("StackCopy: reads what is mapped, and says of the rest that it is not") {
  const Pages pages;
  pages.words[0] = 17;
  pages.words[511] = 23;
  munmap(pages.words + 512, kPageBytes);
  for (const Source source : {Source::kSystemCall, Source::kMemoryFile}) {
    StackCopy copy(source);
    uint64_t value = 0;
    CHECK(copy.Load(pages.At(0), &value));
    CHECK(value == 17);
    CHECK(copy.Load(pages.At(511 * 8), &value));
    CHECK(value == 23);
    CHECK_FALSE(copy.Load(pages.At(kPageBytes), &value));
    CHECK_FALSE(copy.Load(pages.At(4), &value));
    CHECK_FALSE(copy.Load(0, &value));
    CHECK_FALSE(copy.Load(UINT64_MAX - 7, &value));
  }
}

TEST_CASE("StackCopy: shows one moment until it is told to forget") {
  const Pages pages;
  pages.words[3] = 1;
  StackCopy copy;
  REQUIRE(copy.source() != Source::kNone);
  uint64_t value = 0;
  CHECK(copy.Load(pages.At(24), &value));
  pages.words[3] = 2;
  CHECK(copy.Load(pages.At(24), &value));
  CHECK(value == 1);
  copy.Forget();
  CHECK(copy.Load(pages.At(24), &value));
  CHECK(value == 2);
}

TEST_CASE("StackCopy: without a source nothing can be read") {
  StackCopy copy(Source::kNone);
  uint64_t value = 0;
  const uint64_t word = 1;
  CHECK_FALSE(copy.Load(reinterpret_cast<uintptr_t>(&word), &value));
}

extern "C" __attribute__((noinline)) int first_function(int x) { return x * 3 + 1; }
extern "C" __attribute__((noinline)) int second_function(int x) { return x * 5 + 2; }

TEST_CASE("FindFde: tells functions of a module apart") {
  RefreshTables();
  const StackCopy memory;
  for (const auto function : {&first_function, &second_function}) {
    const auto start = reinterpret_cast<uintptr_t>(function);
    const ModuleTable* module = CurrentGeneration()->FindModule(start);
    REQUIRE(module != nullptr);
    CHECK(FindFde(memory, module->header, start)->begin == start);
    CHECK(FindFde(memory, module->header, start + 1)->begin == start);
    CHECK(FindFde(memory, module->header, start - 1)->end == start);
  }
  CHECK_FALSE(FindFde(memory, 0, 4096).has_value());
  CHECK_FALSE(FindFde(memory, 8, 4096).has_value());
}

}  // namespace
}  // namespace stacksampler::unwind
