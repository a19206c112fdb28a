// SPDX-License-Identifier: MIT
//
// Purpose: how often a test does the same with other random numbers. AddressSanitizer and
//   ThreadSanitizer take several times as long, and see what is wrong at the first time.
// Thread safety: functions of their arguments.
// Errors: none.
#ifndef STACKSAMPLER_TESTS_SUPPORT_REPEATS_H_
#define STACKSAMPLER_TESTS_SUPPORT_REPEATS_H_

namespace stacksampler {

/// `count`; under a sanitizer a tenth of it.
constexpr int Repeats(int count) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return count / 10;
#else
  return count;
#endif
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_REPEATS_H_
