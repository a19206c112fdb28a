// SPDX-License-Identifier: MIT
#include "profile/window_log.h"

#include "fuzz/profile_checks.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto log = ReadWindowLog(fuzz::FileOf(fuzz::AsText(data, size)));
  if (log.ok()) fuzz::CheckProfile(log->profile);
  return 0;
}
