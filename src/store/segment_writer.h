// SPDX-License-Identifier: MIT
//
// Purpose: seals the records of a window into an immutable gdbm segment.
// Thread safety: one thread at a time.
// Errors: names the file; a file is written whole or not at all.
#ifndef STACKSAMPLER_STORE_SEGMENT_WRITER_H_
#define STACKSAMPLER_STORE_SEGMENT_WRITER_H_

#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/gdbm_file.h"
#include "store/record_log.h"
#include "store/segment_layout.h"
#include "store/store_dir.h"

namespace stacksampler::store {

/// Writes SegmentName(stem) in `dir`: whole, or not at all. Its bytes are on the disk; its name is
/// so after SyncDir(). `refs` is what WindowRefs::Encode() gave. REQUIRES: at least one record;
/// sums over the log below 2^63.
Status WriteSegment(const std::string& dir, const Stem& stem, const Profile& dictionary,
                    const RecordLog& log, std::string_view refs);

// ---- What totals of days are written with as well.

Status PutBlock(std::string_view key, std::string_view payload, GdbmFile* file);
/// All keys but those of single targets and `refs`.
Status PutHead(const Profile& dictionary, const std::vector<Target>& targets,
               std::string_view total, const SegmentMeta& meta, GdbmFile* file);
/// The record `number` of its target has the series.
void SetRecord(uint64_t number, Series* series);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_WRITER_H_
