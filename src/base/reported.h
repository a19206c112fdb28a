// SPDX-License-Identifier: MIT
//
// Purpose: a failure that is told on stderr by the call itself, so that its caller may ignore it.
// Thread safety: any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_BASE_REPORTED_H_
#define STACKSAMPLER_BASE_REPORTED_H_

#include <cstdio>
#include <utility>

#include "stacksampler/status.h"

namespace stacksampler {

/// Prints "stacksampler: `call`: message" unless `status` is ok.
inline ReportedStatus Report(const char* call, Status status) {
  if (!status.ok()) std::fprintf(stderr, "stacksampler: %s: %s\n", call, status.message().c_str());
  return ReportedStatus(std::move(status));
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_REPORTED_H_
