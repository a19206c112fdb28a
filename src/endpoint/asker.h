// SPDX-License-Identifier: MIT
//
// Purpose: for whom a request that moves a reader's cursor speaks. A page of another site may make a
//   browser ask for this address. To a plain port beyond loopback browsers say nothing of the page:
//   what a person typed looks there like what a hidden frame loads.
// Thread safety: free functions, any thread.
// Signal safety: not async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_ENDPOINT_ASKER_H_
#define STACKSAMPLER_ENDPOINT_ASKER_H_

#include <string>

#include "http/server.h"

namespace stacksampler::endpoint {

enum class Asker { kWelcome, kAnotherSite, kUnknownPage };

Asker AskerOf(const http::Request& request);

/// "" where it may. A browser that does not tell is shown how to confirm: by `instance`, the
/// process's random number, which a page of another site cannot read.
std::string WhyNoReset(const http::Request& request, const std::string& instance);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_ASKER_H_
