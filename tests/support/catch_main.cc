// SPDX-License-Identifier: MIT
// Catch2 2.x is headers only: its main is compiled once, here. Catch2 3.x brings its own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
