// SPDX-License-Identifier: MIT
//
// Purpose: optional_library.cc's place in the archive for statically linked programs.
#include "sampler/symbolize/optional_library.h"

namespace stacksampler::symbolize {

OptionalLibrary::OptionalLibrary(const char* /*name*/) : handle_(nullptr) {}

void* OptionalLibrary::Address(const char* /*name*/) const { return nullptr; }

}  // namespace stacksampler::symbolize
