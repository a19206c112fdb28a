// SPDX-License-Identifier: MIT
//
// Purpose: the one place where errno, and the end of memory, become a Status.
#ifndef STACKSAMPLER_BASE_ERRNO_STATUS_H_
#define STACKSAMPLER_BASE_ERRNO_STATUS_H_

#include <new>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler {

/// "`what`: No such file or directory" with the code that fits; `hint`, when given, after "; ".
Status ErrnoStatus(int error, const std::string& what, const std::string& hint = {});

/// For a handler of std::bad_alloc: allocates nothing.
Status OutOfMemory();

/// What `work` returns, a Status or a Result; OutOfMemory() where memory ends amid it.
template <typename Work>
auto IfMemoryLasts(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_ERRNO_STATUS_H_
