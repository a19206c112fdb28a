// SPDX-License-Identifier: MIT
//
// Purpose: lets the same tests build with Catch2 2.13 (Debian 12) and 3.x (Debian 13), and where there is
//   neither.
#ifndef STACKSAMPLER_TESTS_SUPPORT_CATCH_H_
#define STACKSAMPLER_TESTS_SUPPORT_CATCH_H_

#if defined(STACKSAMPLER_SMALL_CATCH)
#include "support/small_catch.h"
#elif __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#endif  // STACKSAMPLER_TESTS_SUPPORT_CATCH_H_
