// SPDX-License-Identifier: MIT
//
// A library that burns CPU time in a function that it does not export, and in one inlined there.
#include <cstdint>
#include <ctime>

namespace spin {
namespace {

volatile uint64_t sink = 0;

__attribute__((always_inline)) inline void Inlined() {
  for (uint64_t i = 0; i < 100000; ++i) sink = sink * 31 + i;
}

template <typename T>
__attribute__((noinline)) void Hidden(T end) {
  while (clock() < end) Inlined();
  sink = sink + 1;  // or the call would become a jump
}

}  // namespace
}  // namespace spin

extern "C" __attribute__((visibility("default"))) void spin_for(int64_t milliseconds) {
  spin::Hidden(clock() + milliseconds * (CLOCKS_PER_SEC / 1000));
  spin::sink = spin::sink + 2;
}
