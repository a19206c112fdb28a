// SPDX-License-Identifier: MIT
//
// Purpose: opens the endpoint in a program that does not know of it: its library is loaded only
//   when it is asked for.
// Thread safety: one call.
// Signal safety: none.
// Errors: name the library or the address.
#ifndef STACKSAMPLER_PRELOAD_ENDPOINT_H_
#define STACKSAMPLER_PRELOAD_ENDPOINT_H_

#include "stacksampler/status.h"

namespace stacksampler::preload {

/// Starts the sampler, too. Takes the first free port of the range.
Status OpenEndpoint();

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_ENDPOINT_H_
