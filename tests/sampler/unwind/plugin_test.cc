// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <ucontext.h>

#include <atomic>
#include <functional>
#include <thread>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

class Plugin {
 public:
  Plugin() : handle_(dlopen(UNWIND_PLUGIN, RTLD_NOW | RTLD_LOCAL)) { REQUIRE(handle_ != nullptr); }
  ~Plugin() { dlclose(handle_); }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  uintptr_t code() const { return reinterpret_cast<uintptr_t>(Entry()); }

  void Call(const std::function<void()>& visit) const {
    auto call = reinterpret_cast<int (*)(void (*)(void*), void*)>(Entry());
    call([](void* data) { (*static_cast<const std::function<void()>*>(data))(); },
         const_cast<std::function<void()>*>(&visit));
  }

 private:
  void* Entry() const { return dlsym(handle_, "unwind_test_plugin_call"); }

  void* handle_;
};

void CheckWalkThrough(const Plugin& plugin) {
  plugin.Call([] {
    AtSignal([](const ucontext_t& context) {
      OurWalk ours;
      Frames peer;
      WalkStack(context, StackHigh(), &ours.walk);
      WalkByPeer(context, &peer);
      CHECK(Difference(ours.walk, peer) == "");
      CHECK(ours.walk.complete);
      CHECK(ours.walk.guessed == 0);
    });
  });
}

bool IsTabled(uintptr_t pc) { return CurrentGeneration()->FindModule(pc) != nullptr; }

}  // namespace

TEST_CASE("Tables: a module loaded since is walked at once, and tabled by the next refresh") {
  const uint64_t before = RefreshTables();
  CHECK_FALSE(TablesAreStale());
  CHECK(RefreshTables() == before);

  const Plugin plugin;
  CHECK(TablesAreStale());
  CHECK_FALSE(IsTabled(plugin.code()));
  CheckWalkThrough(plugin);

  CHECK(RefreshTables() == before + 1);
  CHECK(IsTabled(plugin.code()));
  CheckWalkThrough(plugin);
  RetireBefore(before + 1);
  CheckWalkThrough(plugin);
}

TEST_CASE("Tables: an unloaded module leaves them with the next refresh") {
  uintptr_t code = 0;
  uint64_t with_plugin = 0;
  TableStats stats;
  {
    const Plugin plugin;
    code = plugin.code();
    with_plugin = RefreshTables();
    stats = CurrentTableStats();
    CHECK(IsTabled(code));
  }
  CHECK(TablesAreStale());
  CHECK(RefreshTables() == with_plugin + 1);
  CHECK_FALSE(IsTabled(code));
  CHECK(CurrentTableStats().modules == stats.modules - 1);
  CHECK(CurrentTableStats().rows < stats.rows);
  RetireBefore(with_plugin + 1);
}

TEST_CASE("Tables: a generation has its own cache, so that no rule outlives its module") {
  const uint64_t before = RefreshTables();
  const Generation* old_generation = CurrentGeneration();
  const auto pc = reinterpret_cast<uintptr_t>(&dlclose);
  old_generation->cache->Store(pc, Rule(RuleKind::kSp, 0, 1));
  const Plugin plugin;
  RefreshTables();
  CHECK(old_generation->cache->Find(pc) == Rule(RuleKind::kSp, 0, 1));
  CHECK(CurrentGeneration()->cache->Find(pc).empty());
  RetireBefore(before + 1);
}

TEST_CASE("Tables: rows taken over from the generation before equal those built anew") {
  RefreshTables();
  const Generation first = *CurrentGeneration();
  const Plugin plugin;
  RefreshTables();
  const Generation second = *CurrentGeneration();
  CHECK(second.module_count == first.module_count + 1);
  for (size_t i = 0; i < first.module_count; ++i) {
    const ModuleTable& module = first.modules[i];
    const ModuleTable* again = second.FindModule(module.begin);
    REQUIRE(again != nullptr);
    REQUIRE(again->row_count == module.row_count);
    for (uint32_t row = 0; row < module.row_count; ++row) {
      REQUIRE(again->rows[row].offset == module.rows[row].offset);
      REQUIRE(again->rows[row].rule == module.rows[row].rule);
    }
  }
}

TEST_CASE("Tables: modules that come and go beside it leave a walk whole") {
  constexpr int kRounds = 100;
  RefreshTables();
  std::atomic<bool> done{false};
  std::thread loader([&done] {
    for (int round = 0; round < kRounds; ++round) {
      const Plugin plugin;
      if (round % 4 == 0) RefreshTables();
    }
    done = true;
  });
  size_t walks = 0;
  size_t incomplete = 0;
  while (!done) {
    CallThroughDeepStack(static_cast<unsigned>(walks), [&] {
      AtSignal([&](const ucontext_t& context) {
        OurWalk ours;
        WalkStack(context, StackHigh(), &ours.walk);
        ++walks;
        incomplete += ours.walk.complete ? 0 : 1;
      });
    });
  }
  loader.join();
  CHECK(walks > 0);
  CHECK(incomplete == 0);
  RetireBefore(RefreshTables());
}

}  // namespace stacksampler::unwind
