// SPDX-License-Identifier: MIT
//
// Purpose: the profiler in a program that knows nothing of it: what the environment asks for, begun
//   when the library is loaded, ended when the process ends, and begun anew in children.
// Thread safety: Attach() once per process; the others from any thread.
// Signal safety: where it says so.
// Errors: one line on stderr; the program goes on.
#ifndef STACKSAMPLER_PRELOAD_ATTACHMENT_H_
#define STACKSAMPLER_PRELOAD_ATTACHMENT_H_

namespace stacksampler::preload {

void Attach();
/// At exit(): the output is whole when it returns.
void Detach();
/// Before _exit() and exec: as much of the output as can be had soon. Nothing in a child that is
/// not recorded, which may share this memory (vfork). Async-signal-safe.
void DetachInHaste();
void WriteInHaste();

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_ATTACHMENT_H_
