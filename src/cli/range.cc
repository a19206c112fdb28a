// SPDX-License-Identifier: MIT
#include "cli/moment.h"

#include <chrono>

namespace stacksampler::cli {

Status ReadMoment(const std::string& option, const std::string& text, TimeEdge edge, int64_t* ns) {
  if (text.empty()) return Status::Ok();
  const int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  const TimePhrase phrase = ParseTimePhrase(text, now_ns, edge);
  if (!phrase.ok) {
    return {StatusCode::kInvalidArgument, option + " '" + text + "': " + phrase.error};
  }
  *ns = phrase.ns;
  return Status::Ok();
}

}  // namespace stacksampler::cli
