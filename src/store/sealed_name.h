// SPDX-License-Identifier: MIT
//
// Purpose: names what is sealed of a range, from the files' heads: which records it leaves in.
// Shapes: totals of days are named for themselves, so that a range that covers a day need not look
//   at its segments.
// Thread safety: a free function; one thread at a time for its arguments.
// Errors: kNotFound when a file vanished: list again. One that cannot be read spoils the name.
#ifndef STACKSAMPLER_STORE_SEALED_NAME_H_
#define STACKSAMPLER_STORE_SEALED_NAME_H_

#include "store/contents.h"
#include "store/kept_files.h"
#include "store/merger.h"

namespace stacksampler::store {

Status NameSealed(KeptFiles* files, const Range& range, ContentsName* name);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEALED_NAME_H_
