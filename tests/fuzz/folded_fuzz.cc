// SPDX-License-Identifier: MIT
#include "stacksampler/folded.h"

#include "fuzz/profile_checks.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const FoldedDocument document = DecodeFolded(fuzz::AsText(data, size));
  fuzz::Promise(document.first_errors.size() <= kMaxFoldedErrors, "kept errors are bounded");
  fuzz::Promise(document.malformed_lines >= document.first_errors.size(), "errors are counted");
  fuzz::CheckProfile(document.profile);
  // Without headers two functions named as those, the heaviest ones, would be taken for them.
  FoldedOptions options;
  options.headers = true;
  const FoldedDocument again = DecodeFolded(EncodeFolded(document.profile, options));
  fuzz::Promise(again.profile.TotalWeight() == document.profile.TotalWeight(),
                "folded text keeps the weight");
  return 0;
}
