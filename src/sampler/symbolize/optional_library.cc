// SPDX-License-Identifier: MIT
#include "sampler/symbolize/optional_library.h"

#include <dlfcn.h>

namespace stacksampler::symbolize {

OptionalLibrary::OptionalLibrary(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

void* OptionalLibrary::Address(const char* name) const {
  return handle_ != nullptr ? dlsym(handle_, name) : nullptr;
}

}  // namespace stacksampler::symbolize
