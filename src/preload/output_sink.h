// SPDX-License-Identifier: MIT
//
// Purpose: where windows of the recording go: a window log gets each at once, a finished format all
//   of them together.
// Thread safety: none; one thread at a time.
// Signal safety: none.
// Errors: name the file.
#ifndef STACKSAMPLER_PRELOAD_OUTPUT_SINK_H_
#define STACKSAMPLER_PRELOAD_OUTPUT_SINK_H_

#include <string>
#include <utility>

#include "preload/config.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::preload {

class OutputSink {
 public:
  OutputSink(std::string path, OutputFormat format) : path_(std::move(path)), format_(format) {}

  Status Add(const Profile& window);
  /// The file holds all that was added, and is whole.
  Status Write();
  /// Write(), and nothing comes after it.
  Status Finish();

 private:
  std::string path_;
  OutputFormat format_;
  Profile profile_;
};

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_OUTPUT_SINK_H_
