// SPDX-License-Identifier: MIT
//
// Purpose: seals the records of a window into an immutable gdbm segment.
// Thread safety: one thread at a time.
// Errors: names the file; nothing but a *.tmp file can be left behind, and a later try replaces it.
#ifndef STACKSAMPLER_STORE_SEGMENT_WRITER_H_
#define STACKSAMPLER_STORE_SEGMENT_WRITER_H_

#include <string>
#include <string_view>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/record_log.h"
#include "store/store_dir.h"

namespace stacksampler::store {

/// Writes SegmentName(stem) in `dir`: whole, or not at all. Its bytes are on the disk; its name is
/// so after SyncDir(). `refs` is what WindowRefs::Encode() gave. REQUIRES: at least one record;
/// sums over the log below 2^63.
Status WriteSegment(const std::string& dir, const Stem& stem, const Profile& dictionary,
                    const RecordLog& log, std::string_view refs);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_WRITER_H_
