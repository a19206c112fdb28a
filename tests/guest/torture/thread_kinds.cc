// SPDX-License-Identifier: MIT
#include <pthread.h>

#include <climits>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "guest/torture/kinds.h"

namespace stacksampler::torture {
namespace {

void* WorkOnSmallStack(void* /*unused*/) {
  Work(20'000);
  return nullptr;
}

}  // namespace

void ChurnThreads(int /*thread*/) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([i] { Work(i * 3000); });
  for (std::thread& thread : threads) thread.join();
}

// 16 KiB, of which the thread's control block and the kernel's signal frame take their part.
void SmallStack(int /*thread*/) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, static_cast<size_t>(PTHREAD_STACK_MIN));
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes, WorkOnSmallStack, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::runtime_error("pthread_create on a small stack");
  pthread_join(thread, nullptr);
}

// With it unblocked in between, what was held back comes at once.
void BlockSigprof(int /*thread*/) {
  sigset_t sigprof;
  sigemptyset(&sigprof);
  sigaddset(&sigprof, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &sigprof, nullptr);
  Work(20'000);
  pthread_sigmask(SIG_UNBLOCK, &sigprof, nullptr);
}

}  // namespace stacksampler::torture
