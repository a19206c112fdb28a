// SPDX-License-Identifier: MIT
//
// Purpose: what /proc/self says about the threads of this process and their memory.
// Thread safety: free functions; no descriptor stays open between calls.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_PROC_TASK_H_
#define STACKSAMPLER_SAMPLER_PROC_TASK_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::sampling {

/// Thread ids of this process, in no order.
Result<std::vector<pid_t>> ListThreads();

/// "" when the thread is gone.
std::string ThreadName(pid_t tid);

/// First line of a file in the thread's folder; "" when there is none, or it may not be read.
std::string ThreadFile(pid_t tid, const char* name);

/// The sampler's and the recorder's thread, and the endpoint's: they block all signals, and that
/// they wait interests nobody.
bool IsProfilersThread(const std::string& name);

/// True when the thread blocks the signal.
bool Blocks(pid_t tid, int signal);

struct MemoryRange {
  uintptr_t start = 0;
  uintptr_t end = 0;
  bool is_main_stack = false;
};

/// Readable mappings by rising address; empty when /proc/self/maps cannot be read.
std::vector<MemoryRange> ReadableMemory();

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_PROC_TASK_H_
