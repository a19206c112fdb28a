// SPDX-License-Identifier: MIT
//
// A library to be named in every way it can be built and stripped: functions that return an address
// inside themselves.
#include <cstdint>

#define SAMPLE_EXPORT __attribute__((visibility("default")))

namespace sample {
namespace {

__attribute__((noinline)) uintptr_t ReturnAddress() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1;
}

__attribute__((always_inline)) inline uintptr_t Inlined() {
  const uintptr_t address = ReturnAddress();
  asm volatile("" : : "r"(address));  // or the call would become a jump
  return address;
}

__attribute__((noinline)) uintptr_t Local() { return Inlined(); }

}  // namespace
}  // namespace sample

extern "C" SAMPLE_EXPORT uintptr_t sample_local_address() {
  const uintptr_t address = sample::Local();
  asm volatile("" : : "r"(address));
  return address;
}

extern "C" SAMPLE_EXPORT uintptr_t sample_exported_address() {
  const uintptr_t address = sample::ReturnAddress();
  asm volatile("" : : "r"(address));
  return address;
}
