// SPDX-License-Identifier: MIT
#include "stacksampler/folded.h"

#include "fuzz/profile_checks.h"
#include "profile/folded_reader.h"

using namespace stacksampler;

namespace {

// Stacks that are new, and then known, read as they do to a reader that knows none.
void CheckKnown(std::string_view text, const FoldedDocument& document) {
  Profile profile;
  KnownStacks known(profile);
  for (int pass = 0; pass < 2; ++pass) {
    const FoldedReport report = DecodeFoldedInto(text, &known, &profile);
    fuzz::Promise(report.malformed_lines == document.malformed_lines, "known stacks: same errors");
    fuzz::Promise(profile.TotalCpuNs() == document.profile.TotalCpuNs(), "known stacks: same time");
    fuzz::Promise(EncodeFolded(profile) == EncodeFolded(document.profile),
                  "known stacks: same stacks");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const FoldedDocument document = DecodeFolded(fuzz::AsText(data, size));
  fuzz::Promise(document.first_errors.size() <= kMaxFoldedErrors, "kept errors are bounded");
  fuzz::Promise(document.malformed_lines >= document.first_errors.size(), "errors are counted");
  fuzz::CheckProfile(document.profile);
  CheckKnown(fuzz::AsText(data, size), document);
  // Without headers two functions named as those, the heaviest ones, would be taken for them.
  FoldedOptions options;
  options.headers = true;
  const FoldedDocument again = DecodeFolded(EncodeFolded(document.profile, options));
  fuzz::Promise(again.profile.TotalWeight() == document.profile.TotalWeight(),
                "folded text keeps the weight");
  return 0;
}
