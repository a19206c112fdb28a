// SPDX-License-Identifier: MIT
//
// Purpose: `cpuprofile extract`: what a store holds of a range and of some labels, as one profile.
// Thread safety: free functions, main thread.
// Errors: the store's; kNotFound when nothing is stored there, saying what is.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_H_

#include <string>

#include "cpuprofile/output.h"
#include "stacksampler/status.h"
#include "store/any_store.h"
#include "store/profile_store.h"

namespace stacksampler::cpuprofile {

struct ExtractOptions {
  store::StorePlace store;
  store::Query query;
  std::string thread;  // "" = all
  Output output;
};

/// A directory, or a URL of ClickHouse servers.
Result<store::StorePlace> ParseStorePlace(const std::string& text);
/// "host=web-1", "host!=web-1".
Result<store::LabelMatch> ParseLabelMatch(const std::string& text);

/// False when files of the store were damaged, which is said: the profile was written without them.
Result<bool> Extract(const ExtractOptions& options);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_H_
