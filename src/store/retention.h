// SPDX-License-Identifier: MIT
//
// Purpose: removes what is older, or more, than the store is to keep: segments and totals of days,
//   whole files, oldest first.
// Shapes: a day's segments go together, and are there as long as their total is young, so that a
//   copy or a reader finds one of the two. With a total go its segments. The newest segment and the
//   newest total stay: the segment knows which windows are stored.
// Thread safety: one thread at a time for a directory; readers beside it list again.
// Errors: told; what could not be removed is tried again by the next call.
#ifndef STACKSAMPLER_STORE_RETENTION_H_
#define STACKSAMPLER_STORE_RETENTION_H_

#include <cstdint>
#include <string>

#include "store/day_totals.h"
#include "store/profile_store.h"

namespace stacksampler::store {

struct Removed {
  uint64_t files = 0;
  uint64_t bytes = 0;
};

Removed RemoveExpired(const std::string& dir, const WriterOptions& options, const TellLine& warn);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_RETENTION_H_
