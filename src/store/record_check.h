// SPDX-License-Identifier: MIT
//
// Purpose: what every store asks of a record before it takes it.
// Thread safety: free functions.
// Errors: kInvalidArgument that says what does not fit.
#ifndef STACKSAMPLER_STORE_RECORD_CHECK_H_
#define STACKSAMPLER_STORE_RECORD_CHECK_H_

#include "stacksampler/status.h"
#include "store/profile_store.h"

namespace stacksampler::store {

/// A valid profile, a window of time since 1970, CPU time below 2^63, labels in order.
Status CheckRecord(const Record& record);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_RECORD_CHECK_H_
