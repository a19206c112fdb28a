// SPDX-License-Identifier: MIT
//
// One way of walking, kSamples times on the same stack, for callgrind: instructions.py counts what
// is spent inside bench_walk_sample().
#include <cstdio>
#include <cstring>
#include <vector>

#include "bench_stack.h"
#include "our_handler.h"
#include "peers.h"
#include "sampler/handler/signal_handler.h"

namespace stacksampler::bench {
namespace {

constexpr int kSamples = 10;
constexpr int kWarmUps = 3;
constexpr size_t kCacheLine = 64;
constexpr size_t kSweptBytes = size_t{4} << 20;  // twice what instructions.py simulates

OurHandler* ours = nullptr;
siginfo_t signal_info;

size_t Handle(const ucontext_t& context) {
  sampling::HandleSigprof(SIGPROF, &signal_info, const_cast<ucontext_t*>(&context));
  return kBenchFrames;
}

struct Way {
  const char* name;
  bool forget;  // the previous stack, before each sample
  size_t (*walk)(const ucontext_t&);
};

constexpr Way kWays[] = {
    {"ours", true, [](const ucontext_t& context) { return ours->Walk(context); }},
    {"ours-again", false, [](const ucontext_t& context) { return ours->Walk(context); }},
    {"handler", true, Handle},
    {"handler-again", false, Handle},
    {"unw_step", false, WalkByUnwStep},
    {"unw_backtrace", false, [](const ucontext_t&) { return WalkByUnwBacktrace(); }},
    {"_Unwind_Backtrace", false, [](const ucontext_t&) { return WalkByLibgcc(); }},
    {"backtrace", false, [](const ucontext_t&) { return WalkByGlibc(); }},
};

const Way* FindWay(const char* name) {
  for (const Way& way : kWays) {
    if (std::strcmp(way.name, name) == 0) return &way;
  }
  return nullptr;
}

// So that a simulated cache holds nothing of the sample before, and its misses are what one
// touches.
void SweepCaches() {
  static std::vector<char> memory(kSweptBytes);
  for (size_t i = 0; i < memory.size(); i += kCacheLine) {
    const_cast<volatile char&>(memory[i]) = 1;
  }
}

void Prepare(const Way& way) {
  SweepCaches();
  ours->TakeSamples();
  if (way.forget) ours->ForgetStack();
}

}  // namespace
}  // namespace stacksampler::bench

using namespace stacksampler::bench;

extern "C" [[gnu::noinline, gnu::visibility("default")]] size_t bench_walk_sample(
    const Way* way, const ucontext_t* context) {
  const size_t frames = way->walk(*context);
  asm volatile("");  // no tail call, which would leave this function early
  return frames;
}

int main(int argc, char** argv) {
  const Way* way = argc == 2 ? FindWay(argv[1]) : nullptr;
  if (way == nullptr) {
    std::fputs("usage: walk_instructions WAY\nways:", stderr);
    for (const Way& each : kWays) std::fprintf(stderr, " %s", each.name);
    std::fputs("\n", stderr);
    return 2;
  }
  ours = new OurHandler;
  signal_info = ours->Signal();
  size_t frames = 0;
  CallOnBenchStack(ours, [&](const ucontext_t& context) {
    for (int i = 0; i < kWarmUps; ++i) {
      Prepare(*way);
      way->walk(context);
    }
    for (int i = 0; i < kSamples; ++i) {
      Prepare(*way);
      frames = bench_walk_sample(way, &context);
    }
  });
  std::printf("%d samples of %zu frames\n", kSamples, frames);
  return 0;
}
