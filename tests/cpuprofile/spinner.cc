// SPDX-License-Identifier: MIT
//
// Purpose: a program that burns 0.3 s of CPU time in the library that it is given.
#include <dlfcn.h>

#include <cstdint>

int main(int argc, char** argv) {
  void* library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : nullptr;
  void* spin = library != nullptr ? dlsym(library, "spin_for") : nullptr;
  if (spin == nullptr) return 1;
  reinterpret_cast<void (*)(int64_t)>(spin)(300);
  return 0;
}
