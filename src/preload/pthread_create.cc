// SPDX-License-Identifier: MIT
//
// Purpose: libstacksampler_threads.so: stands before the C library's pthread_create, so that each
//   thread says by itself that it begins and ends (stacksampler/thread.h). Linked, or preloaded.
// Thread safety: as pthread_create.
// Signal safety: not async-signal-safe.
// Errors: EAGAIN where there is no memory, or no pthread_create to be found.
#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <memory>
#include <new>

#include "stacksampler/thread.h"

namespace stacksampler::preload {
namespace {

using Routine = void* (*)(void*);

struct Start {
  Routine routine;
  void* argument;
};

// A guard, so that pthread_exit() and cancellation pass through its destructor, too.
void* RunRegistered(void* start) {
  const ThreadGuard guard;
  const Start own = *std::unique_ptr<Start>(static_cast<Start*>(start));
  return own.routine(own.argument);
}

decltype(&pthread_create) NextPthreadCreate() {
  static const auto next =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return next;
}

}  // namespace
}  // namespace stacksampler::preload

extern "C" STACKSAMPLER_EXPORT int pthread_create(pthread_t* thread,
                                                  const pthread_attr_t* attributes,
                                                  void* (*routine)(void*),
                                                  void* argument) noexcept {
  using namespace stacksampler::preload;
  const auto next = NextPthreadCreate();
  std::unique_ptr<Start> start(new (std::nothrow) Start{routine, argument});
  if (next == nullptr || start == nullptr) return EAGAIN;
  const int error = next(thread, attributes, RunRegistered, start.get());
  if (error == 0) (void)start.release();
  return error;
}
