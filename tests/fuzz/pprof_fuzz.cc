// SPDX-License-Identifier: MIT
#include "stacksampler/pprof.h"

#include "fuzz/profile_checks.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto profile = DecodePprof(fuzz::AsText(data, size));
  if (profile.ok()) fuzz::CheckProfile(*profile);
  return 0;
}
