// SPDX-License-Identifier: MIT
#include "sampler/unwind/stack_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace stacksampler::unwind {
namespace {

// No descriptor stays open: a host may close all that it does not know.
bool ReadMemoryFile(uintptr_t address, void* to, size_t size) {
  const int file = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t got = pread(file, to, size, static_cast<off_t>(address));
  close(file);
  return got == static_cast<ssize_t>(size);
}

}  // namespace

StackCopy::StackCopy() : StackCopy(Source::kSystemCall) {
  const uint64_t word = 0;
  uint64_t copy = 0;
  const auto address = reinterpret_cast<uintptr_t>(&word);
  if (Read(address, &copy, sizeof copy)) return;
  source_ = Source::kMemoryFile;
  if (!Read(address, &copy, sizeof copy)) source_ = Source::kNone;
}

void StackCopy::Forget() { std::fill(std::begin(page_at_), std::end(page_at_), kNoPage); }

bool StackCopy::Load(uintptr_t address, uint64_t* value) {
  if (address % sizeof *value != 0) return false;
  const uintptr_t page = address & ~(kPageBytes - 1);
  const size_t place = page / kPageBytes % kPages;
  if (page_at_[place] != page) {
    page_at_[place] = kNoPage;
    if (!Read(page, pages_[place], kPageBytes)) return false;
    page_at_[place] = page;
  }
  *value = pages_[place][(address - page) / sizeof *value];
  return true;
}

bool StackCopy::Read(uintptr_t address, void* to, size_t size) const {
  switch (source_) {
    case Source::kSystemCall:
      return CopyFromSelf(address, to, size);
    case Source::kMemoryFile:
      return ReadMemoryFile(address, to, size);
    case Source::kNone:
      break;
  }
  return false;
}

}  // namespace stacksampler::unwind
