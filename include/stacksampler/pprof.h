// SPDX-License-Identifier: MIT
//
// Purpose: the pprof wire form (profile.proto), raw: gzip around it belongs to the caller
//   (src/base/gzip.h in the tools and the endpoint), so that the sampler core needs no library.
// Shapes: sample_type [samples/count, cpu/nanoseconds]; leaf-first location ids; one Location per
//   (frame run of inlined functions); mangled name in system_name; module and build-id in Mapping;
//   labels as string labels; a timeline as one Sample per moment with the numeric label
//   end_timestamp_ns (unit nanoseconds).
// Thread safety: free functions.
// Signal safety: none.
// Errors: kDataLoss with the byte offset for anything that is not a well-formed profile; bounded
//   work for any input.
// Source: https://github.com/google/pprof/blob/main/proto/profile.proto
#ifndef STACKSAMPLER_PPROF_H_
#define STACKSAMPLER_PPROF_H_

#include <string>
#include <string_view>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"

namespace stacksampler {

STACKSAMPLER_EXPORT std::string EncodePprof(const Profile& profile);

/// Reads raw (not gzipped) bytes. Values are taken from the sample types named "samples" and "cpu"
/// where present, else the first type counts as weight.
STACKSAMPLER_EXPORT Result<Profile> DecodePprof(std::string_view bytes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PPROF_H_
