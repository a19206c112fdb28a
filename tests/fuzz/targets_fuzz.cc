// SPDX-License-Identifier: MIT
#include "collector/targets.h"

#include "endpoint/address.h"
#include "fuzz/fuzz.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(fuzz::AsText(data, size));
  const size_t space = text.find(' ');
  const auto targets = collector::MakeTargets(
      {text.substr(0, space)}, space == std::string::npos ? text : text.substr(space + 1));
  fuzz::Promise(!targets.ok() || !targets->empty(), "there is a target, or an error");
  const auto address = endpoint::ParseAddress(text);
  fuzz::Promise(address.ok() || !address.status().message().empty(), "an error has a reason");
  static_cast<void>(endpoint::ParseHosts(text));
  return 0;
}
