// SPDX-License-Identifier: MIT
//
// Purpose: functions of many kinds in the test program itself; each returns an address inside
//   itself.
#ifndef STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_FUNCTIONS_H_
#define STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_FUNCTIONS_H_

#include <cstdint>
#include <string>

extern "C" uintptr_t sample_c_function();

namespace sample {

struct Object {
  uintptr_t operator()(int) const;
  uintptr_t operator<<(int) &&;
  explicit operator std::string() const;
  static uintptr_t conversion_address;
};

uintptr_t OfTemplate();
uintptr_t OfLambda();
uintptr_t OfStatic();
uintptr_t OfAnonymous();

/// Outermost of Chain > Middle > (anonymous namespace)::Innermost; the latter two are inlined.
uintptr_t Chain();
extern const uint32_t kChainLine;
extern const uint32_t kMiddleLine;
extern const uint32_t kInnermostLine;

}  // namespace sample

#endif  // STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_FUNCTIONS_H_
