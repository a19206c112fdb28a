// SPDX-License-Identifier: MIT
//
// Purpose: reads a file as the kernel does it. A sanitizer puts a read() of its own before the C
//   library's, in a frame by rbp, which /proc does not tell of a thread that waits.
// Thread safety: as read().
#ifndef STACKSAMPLER_TESTS_SUPPORT_PLAIN_READ_H_
#define STACKSAMPLER_TESTS_SUPPORT_PLAIN_READ_H_

#include <sys/syscall.h>
#include <unistd.h>

namespace stacksampler::tests {

[[gnu::always_inline]] inline ssize_t PlainRead(int file, void* bytes, size_t size) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return syscall(SYS_read, file, bytes, size);
#else
  return read(file, bytes, size);
#endif
}

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_SUPPORT_PLAIN_READ_H_
