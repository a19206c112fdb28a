// SPDX-License-Identifier: MIT
//
// Purpose: as much of Catch2 as the walker's tests use, for targets for which Debian has no Catch2.
//   A failed REQUIRE ends the program.
// Thread safety: checks are made by one thread at a time.
#ifndef STACKSAMPLER_TESTS_SUPPORT_SMALL_CATCH_H_
#define STACKSAMPLER_TESTS_SUPPORT_SMALL_CATCH_H_

namespace stacksampler::small_catch {

struct TestCase {
  TestCase(const char* name, void (*run)());

  const char* name;
  void (*run)();
  TestCase* next;
};

/// Counts, and tells of failures.
bool Check(bool holds, const char* expression, const char* file, int line);
[[noreturn]] void GiveUp();

}  // namespace stacksampler::small_catch

#define SMALL_CATCH_JOIN2(a, b) a##b
#define SMALL_CATCH_JOIN(a, b) SMALL_CATCH_JOIN2(a, b)
#define SMALL_CATCH_CASE(function, name)                                                        \
  static void function();                                                                       \
  static stacksampler::small_catch::TestCase SMALL_CATCH_JOIN(function, _case)(name, function); \
  static void function()

#define TEST_CASE(name) SMALL_CATCH_CASE(SMALL_CATCH_JOIN(test_at_line_, __LINE__), name)
#define CHECK(...) \
  stacksampler::small_catch::Check(bool(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK_FALSE(...) CHECK(!(__VA_ARGS__))
#define REQUIRE(...) (CHECK(__VA_ARGS__) ? void() : stacksampler::small_catch::GiveUp())

#endif  // STACKSAMPLER_TESTS_SUPPORT_SMALL_CATCH_H_
