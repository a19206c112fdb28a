// SPDX-License-Identifier: MIT
//
// Purpose: a generation of all modules loaded now.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_GENERATION_BUILDER_H_
#define STACKSAMPLER_SAMPLER_UNWIND_GENERATION_BUILDER_H_

#include <cstdint>
#include <memory>

#include "sampler/unwind/arena.h"
#include "sampler/unwind/generation.h"

namespace stacksampler::unwind {

/// A generation and the memory it lies in.
struct BuiltGeneration {
  std::unique_ptr<Arena> arena;
  const Generation* generation = nullptr;
};

/// Takes over from `previous`, which may be null, the rows of modules that cannot have changed.
/// Throws std::bad_alloc.
BuiltGeneration BuildGeneration(uint64_t number, const Generation* previous);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_GENERATION_BUILDER_H_
