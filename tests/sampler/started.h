// SPDX-License-Identifier: MIT
//
// Purpose: a sampler that a test started, and all that it has recorded.
// Errors: one ends the test.
#ifndef STACKSAMPLER_TESTS_SAMPLER_STARTED_H_
#define STACKSAMPLER_TESTS_SAMPLER_STARTED_H_

#include <memory>

#include "stacksampler/sampler.h"

namespace stacksampler {

std::shared_ptr<Sampler> StartSampler(const SamplerOptions& options = {});
/// 1 ms, and looks for threads once, at the start.
std::shared_ptr<Sampler> StartSeldom();

/// What was recorded since the start, by the sampler's own account of it whole.
Profile TakeAll(Sampler* sampler);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SAMPLER_STARTED_H_
