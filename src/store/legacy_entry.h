// SPDX-License-Identifier: MIT
//
// Purpose: the entries of the original collector's layout: a gdbm file whose keys are folded stacks
//   and whose values are "host:port:time:count " again and again.
// Units: times are seconds since the Unix epoch.
// Thread safety: free functions over values.
// Errors: an entry that is none is told from one that is; nothing is guessed.
#ifndef STACKSAMPLER_STORE_LEGACY_ENTRY_H_
#define STACKSAMPLER_STORE_LEGACY_ENTRY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

struct LegacyEntry {
  std::string_view target;  // "host:port"; an IPv6 host has colons of its own
  int64_t time_s = 0;
  int64_t count = 0;
};

/// Reads "host:port:time:count" from its end. Under Python 3 the original wrote b'17' for 17.
bool ParseLegacyEntry(std::string_view text, LegacyEntry* entry);
/// Appends the entry with the space that ends it.
void PutLegacyEntry(const LegacyEntry& entry, std::string* out);

/// Cuts the next word off `*text`; "" at the end.
std::string_view NextLegacyWord(std::string_view* text);

/// {"host", ...}, {"port", ...} of "host:port".
Labels LegacyTargetLabels(std::string_view target);
/// "host:port" of a record's labels. The original's visualizer stops at a colon or a space inside
/// the host, so that both become '_'.
std::string LegacyTargetName(const Labels& labels);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_LEGACY_ENTRY_H_
