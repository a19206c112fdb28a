// SPDX-License-Identifier: MIT
#include "our_handler.h"

#include <pthread.h>

#include <cstdio>
#include <cstdlib>

#include "sampler/unwind/tables.h"

namespace stacksampler::bench {
namespace {

constexpr size_t kRingBytes = 65536;
constexpr uint32_t kGeneration = 1;

void FindStack(sampling::ThreadSlot* slot) {
  pthread_attr_t attributes;
  void* low = nullptr;
  size_t size = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  slot->stack_high = reinterpret_cast<uintptr_t>(low) + size;
  slot->stack_low = reinterpret_cast<uintptr_t>(low);
}

}  // namespace

OurHandler::OurHandler()
    : slot_(new sampling::ThreadSlot), sample_(std::make_unique<sampling::RawSample>()) {
  unwind::RefreshTables();
  if (!slot_->ring.Map(kRingBytes)) {
    std::fputs("no memory for the ring\n", stderr);
    std::exit(1);
  }
  FindStack(slot_);
  slot_->generation = kGeneration;
  sampling::slot_table[slot_->index] = slot_;
}

void* OurHandler::ticket() const { return sampling::Ticket(slot_->index, kGeneration).AsPointer(); }

siginfo_t OurHandler::Signal() const {
  siginfo_t info = {};
  info.si_signo = SIGPROF;
  info.si_code = SI_TIMER;
  info.si_value.sival_ptr = ticket();
  return info;
}

size_t OurHandler::Walk(const ucontext_t& context) {
  unwind::Walk walk;
  walk.memo = &slot_->memo;
  const uintptr_t sp = unwind::arch::Value(unwind::arch::RegistersOf(context), unwind::arch::kSp);
  WalkStack(context, slot_->StackHighFor(sp), &walk);
  return walk.depth + walk.omitted;
}

size_t OurHandler::TakeSamples() {
  size_t frames = 0;
  while (slot_->ring.Read(slot_->ring.head(), sample_.get())) frames = sample_->header.depth;
  return frames;
}

}  // namespace stacksampler::bench
