// SPDX-License-Identifier: MIT
//
// Purpose: the SIGPROF handler: walk, one record into the thread's ring, count.
// Signal safety: async-signal-safe. No lock, no allocation, no thread-local storage, not even errno,
//   which nothing here changes; no call out but those that tests/sampler/handler_symbols_test.cc
//   lists.
#ifndef STACKSAMPLER_SAMPLER_HANDLER_SIGNAL_HANDLER_H_
#define STACKSAMPLER_SAMPLER_HANDLER_SIGNAL_HANDLER_H_

#include <csignal>
#include <cstdint>

namespace stacksampler::sampling {

/// Goes into sigaction with SA_SIGINFO and a full sa_mask.
void HandleSigprof(int signal, siginfo_t* info, void* context);

/// SIGPROFs so far that no timer of ours sent.
uint64_t ForeignSignals();

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_HANDLER_SIGNAL_HANDLER_H_
