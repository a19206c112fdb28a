// SPDX-License-Identifier: MIT
#include "sampler/unwind/peer.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <sstream>

namespace stacksampler::unwind {
namespace {

const std::function<void(const ucontext_t&)>* current_visit = nullptr;

void Handle(int, siginfo_t*, void* context) {
  (*current_visit)(*static_cast<const ucontext_t*>(context));
}

}  // namespace

uintptr_t StackHigh() {
  pthread_attr_t attributes;
  void* low = nullptr;
  size_t size = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(low) + size;
}

bool SameWalk(const Walk& a, const Walk& b) {
  return a.depth == b.depth && a.omitted == b.omitted && a.guessed == b.guessed &&
         a.complete == b.complete && std::equal(a.pcs, a.pcs + a.depth, b.pcs);
}

std::string Difference(const Walk& walk, const Frames& peer) {
  std::ostringstream out;
  if (walk.depth + walk.omitted != peer.count) {
    out << "depth " << walk.depth << " + " << walk.omitted << ", peer " << peer.count << "; ";
  }
  for (size_t i = 0; i < walk.depth; ++i) {
    const size_t j = i < kLeafFrames ? i : i + walk.omitted;
    if (j < peer.count && walk.pcs[i] == peer.pcs[j]) continue;
    out << "frame " << i << std::hex << " 0x" << walk.pcs[i] << ", peer 0x"
        << (j < peer.count ? peer.pcs[j] : 0);
    break;
  }
  return out.str();
}

void AtSignal(const std::function<void(const ucontext_t&)>& visit) {
  struct sigaction action = {}, old;
  action.sa_sigaction = Handle;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGUSR1, &action, &old);
  current_visit = &visit;
  raise(SIGUSR1);
  sigaction(SIGUSR1, &old, nullptr);
}

}  // namespace stacksampler::unwind
