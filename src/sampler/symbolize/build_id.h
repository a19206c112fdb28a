// SPDX-License-Identifier: MIT
//
// Purpose: the build-id, which tells whether a file on disk is the module that runs.
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: damaged notes have no build-id.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ID_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ID_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace stacksampler::symbolize {

/// Lower-case hex of the NT_GNU_BUILD_ID among `notes`, the bytes of a note segment or section
/// whose entries are aligned to `align` bytes; "" when there is none.
std::string BuildIdOfNotes(std::string_view notes, size_t align);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_BUILD_ID_H_
