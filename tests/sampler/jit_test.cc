// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "stacksampler/sampler.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

#if defined(__x86_64__)
// mov rax, rdi; loop: dec rax; jnz loop; ret
constexpr unsigned char kLoop[] = {0x48, 0x89, 0xf8, 0x48, 0xff, 0xc8, 0x75, 0xfb, 0xc3};
#elif defined(__aarch64__)
// loop: subs x0, x0, #1; b.ne loop; ret
constexpr unsigned char kLoop[] = {0x00, 0x04, 0x00, 0xf1, 0xe1, 0xff,
                                   0xff, 0x54, 0xc0, 0x03, 0x5f, 0xd6};
#endif

// Code that stands in no module, as a just-in-time compiler leaves it.
class Jitted {
 public:
  Jitted()
      : code_(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
        map_("/tmp/perf-" + std::to_string(getpid()) + ".map") {
    REQUIRE(code_ != MAP_FAILED);
    std::memcpy(code_, kLoop, sizeof kLoop);
    REQUIRE(mprotect(code_, kBytes, PROT_READ | PROT_EXEC) == 0);
    __builtin___clear_cache(static_cast<char*>(code_), static_cast<char*>(code_) + kBytes);
  }
  ~Jitted() {
    munmap(code_, kBytes);
    std::filesystem::remove(map_);
  }
  Jitted(const Jitted&) = delete;
  Jitted& operator=(const Jitted&) = delete;

  void WriteMap(const std::string& name) const {
    char line[64];
    std::snprintf(line, sizeof line, "%" PRIxPTR " %zx ", reinterpret_cast<uintptr_t>(code_),
                  sizeof kLoop);
    std::ofstream(map_, std::ios::app) << "hostile line\n" << line << name << '\n';
  }
  void Burn(double seconds) const {
    const auto loop = reinterpret_cast<uint64_t (*)(uint64_t)>(code_);
    const std::clock_t end = std::clock() + static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
    while (std::clock() < end) loop(1'000'000);
  }

 private:
  static constexpr size_t kBytes = 4096;
  void* code_;
  std::string map_;
};

int64_t WeightOf(const Profile& profile, const std::string& leaf) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    if (sample.stack == 0) continue;
    if (profile.FrameName(profile.stacks()[sample.stack].frame) == leaf) weight += sample.weight;
  }
  return weight;
}

TEST_CASE(
    "Sampler: code of a just-in-time compiler has the name of its perf map, and its next one") {
  const Jitted code;
  const auto sampler = *Sampler::Start();
  const ReaderId reader = sampler->OpenReader();
  code.WriteMap("jit::first");
  code.Burn(0.3);
  const Result<Window> first = sampler->Take(reader);
  REQUIRE(first.ok());
  CHECK(WeightOf(first->profile, "jit::first") > 10);
  CHECK(sampler->Stats().skipped_perf_map_lines == 1);
  code.WriteMap("jit::second");
  code.Burn(0.3);
  const Result<Window> second = sampler->Take(reader);
  REQUIRE(second.ok());
  CHECK(WeightOf(second->profile, "jit::second") > 10);
  CHECK(WeightOf(second->profile, "jit::first") == 0);
  CHECK(sampler->Stats().skipped_perf_map_lines == 2);
  REQUIRE(sampler->Stop().ok());
}

}  // namespace
}  // namespace stacksampler
