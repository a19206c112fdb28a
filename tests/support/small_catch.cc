// SPDX-License-Identifier: MIT
#include "support/small_catch.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace stacksampler::small_catch {
namespace {

TestCase* first = nullptr;
long checks = 0;
long failures = 0;

}  // namespace

TestCase::TestCase(const char* a_name, void (*a_run)()) : name(a_name), run(a_run), next(first) {
  first = this;
}

bool Check(bool holds, const char* expression, const char* file, int line) {
  ++checks;
  if (!holds) {
    ++failures;
    std::printf("%s:%d: FAILED: %s\n", file, line, expression);
  }
  return holds;
}

void GiveUp() {
  std::fflush(stdout);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace stacksampler::small_catch

/// Runs the cases whose names contain the argument; all without one.
int main(int argc, char** argv) {
  using namespace stacksampler::small_catch;
  int cases = 0;
  for (const TestCase* test = first; test != nullptr; test = test->next) {
    if (argc > 1 && std::strstr(test->name, argv[1]) == nullptr) continue;
    std::printf("%s\n", test->name);
    std::fflush(stdout);
    test->run();
    ++cases;
  }
  std::printf("%d cases, %ld checks, %ld failures\n", cases, checks, failures);
  return cases > 0 && checks > 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
