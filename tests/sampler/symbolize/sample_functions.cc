// SPDX-License-Identifier: MIT
#include "sample_functions.h"

#include <vector>

namespace {

__attribute__((noinline)) uintptr_t ReturnAddress() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1;
}

}  // namespace

// An address inside the function that it stands in. Without the barrier the call would be a jump,
// and without the line the compiler would fold functions that look alike.
#define RETURN_HERE()                               \
  const uintptr_t address = ReturnAddress();        \
  asm volatile("" : : "r"(address), "i"(__LINE__)); \
  return address

extern "C" __attribute__((noinline)) uintptr_t sample_c_function() { RETURN_HERE(); }

namespace sample {

__attribute__((noinline)) uintptr_t Object::operator()(int) const { RETURN_HERE(); }
__attribute__((noinline)) uintptr_t Object::operator<<(int) && { RETURN_HERE(); }

uintptr_t Object::conversion_address = 0;
__attribute__((noinline)) Object::operator std::string() const {
  conversion_address = ReturnAddress();
  return "";
}

template <typename T>
__attribute__((noinline)) uintptr_t Template(const std::vector<T>*) {
  RETURN_HERE();
}
uintptr_t OfTemplate() { return Template<int>(nullptr); }

uintptr_t OfLambda() {
  const auto lambda = [](int) __attribute__((noinline)) { RETURN_HERE(); };
  return lambda(1);
}

__attribute__((noinline)) static uintptr_t Static() { RETURN_HERE(); }
uintptr_t OfStatic() { return Static(); }

namespace {

__attribute__((noinline)) uintptr_t Anonymous() { RETURN_HERE(); }

const uint32_t kLineBeforeInnermost = __LINE__;
__attribute__((always_inline)) inline uintptr_t Innermost() {
  asm volatile("");
  RETURN_HERE();
}

}  // namespace

uintptr_t OfAnonymous() { return Anonymous(); }

const uint32_t kInnermostLine = kLineBeforeInnermost + 1;

const uint32_t kMiddleLine = __LINE__ + 1;
__attribute__((always_inline)) inline uintptr_t Middle() {
  asm volatile("");
  asm volatile("");
  return Innermost();
}

const uint32_t kChainLine = __LINE__ + 1;
__attribute__((noinline)) uintptr_t Chain() {
  asm volatile("");
  asm volatile("");
  asm volatile("");
  return Middle();
}

}  // namespace sample
