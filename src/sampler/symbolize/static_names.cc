// SPDX-License-Identifier: MIT
//
// Purpose: libdw_calls.cc's place in the archive for statically linked programs. There a dlopen()
//   would load a second C library, works with the very glibc that was linked only, and has the
//   linker warn of it.
#include "sampler/symbolize/libdw_calls.h"

namespace stacksampler::symbolize {

const LibDw* OpenLibDw() { return nullptr; }

}  // namespace stacksampler::symbolize
