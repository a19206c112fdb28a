// SPDX-License-Identifier: MIT
//
// Purpose: a process that may not make certain system calls, as in a sandbox.
// Thread safety: for all threads of the process, for good: in a forked child.
// Errors: false where the kernel refuses.
#ifndef STACKSAMPLER_TESTS_SUPPORT_FORBID_CALLS_H_
#define STACKSAMPLER_TESTS_SUPPORT_FORBID_CALLS_H_

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace stacksampler::tests {

// From here on all threads of the process get EPERM from these system calls.
inline bool Forbid(const std::vector<long>& calls) {
  std::vector<sock_filter> filter;
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const long call : calls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_SUPPORT_FORBID_CALLS_H_
