// SPDX-License-Identifier: MIT
//
// A module loaded while the process runs.
extern "C" [[gnu::visibility("default")]] int unwind_test_plugin_call(void (*visit)(void*),
                                                                      void* data);

namespace {

[[gnu::noinline]] int Inner(void (*visit)(void*), void* data) {
  alignas(64) volatile char room[128] = {1};
  visit(data);
  return room[0];
}

}  // namespace

extern "C" int unwind_test_plugin_call(void (*visit)(void*), void* data) {
  volatile int result = Inner(visit, data);
  return result + 1;
}
