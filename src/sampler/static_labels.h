// SPDX-License-Identifier: MIT
//
// Purpose: what may be a label of every sample.
// Thread safety: pure function.
// Errors: kInvalidArgument names the label and what is wrong with it.
#ifndef STACKSAMPLER_SAMPLER_STATIC_LABELS_H_
#define STACKSAMPLER_SAMPLER_STATIC_LABELS_H_

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

/// Keys are not empty, each stands once, and "thread" and "state" are the sampler's own.
inline Status CheckStaticLabels(const Labels& labels) {
  for (auto label = labels.begin(); label != labels.end(); ++label) {
    const auto invalid = [&](const char* reason) {
      return Status(StatusCode::kInvalidArgument, "label '" + label->first + "': " + reason);
    };
    if (label->first.empty()) return invalid("give it a name");
    if (label->first == "thread" || label->first == "state") {
      return invalid("the sampler's own; pass another name");
    }
    for (auto other = labels.begin(); other != label; ++other) {
      if (other->first == label->first) return invalid("stands twice; pass it once");
    }
  }
  return Status::Ok();
}

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_STATIC_LABELS_H_
