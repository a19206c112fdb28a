// SPDX-License-Identifier: MIT
#include "profile/cpuprofile_reader.h"

#include "fuzz/profile_checks.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto profile = DecodeCpuProfile(fuzz::AsText(data, size));
  if (profile.ok()) fuzz::CheckProfile(*profile);
  return 0;
}
