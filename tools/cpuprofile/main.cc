// SPDX-License-Identifier: MIT
#include <cstdio>
#include <exception>

#include "cpuprofile/commands.h"

int main(int argc, char** argv) {
  try {
    return stacksampler::cpuprofile::RunCommandLine(argc, argv);
  } catch (const std::exception&
               error) {  // of the standard library and CLI11: out of memory, most likely
    std::fprintf(stderr, "cpuprofile: %s\n", error.what());
    return stacksampler::cpuprofile::kExitFailed;
  }
}
