// SPDX-License-Identifier: MIT
//
// planted KIND: a program with the fault that its argument names, and with none for "nothing". What
// a sanitizer says of it is what run.sh looks for before it believes that it finds nothing else.
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

int shared = 0;

void WriteBehindTheEnd(int bytes) {
  auto* memory = static_cast<volatile char*>(std::malloc(static_cast<size_t>(bytes)));
  memory[bytes] = 1;
}

int Overflow(int by) { return INT_MAX - 1 + by; }

void Race() {
  std::thread other([] { ++shared; });
  ++shared;
  other.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 2 ? argv[1] : "";
  if (kind == "heap-buffer-overflow") WriteBehindTheEnd(argc);
  if (kind == "signed integer overflow") std::printf("%d\n", Overflow(argc));
  if (kind == "data race") Race();
  return 0;
}
