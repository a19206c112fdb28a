// SPDX-License-Identifier: MIT
#include "sampler/unwind/arena.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace stacksampler::unwind {
namespace {

constexpr size_t kPageBytes = 4096;

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

std::byte* Map(size_t bytes) {
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(data);
}

// Aligned to huge pages: maps one more than needed and gives back what lies outside.
std::byte* MapHuge(size_t bytes) {
  std::byte* data = Map(bytes + Arena::kHugePageBytes);
  const auto address = reinterpret_cast<uintptr_t>(data);
  const size_t head = RoundUp(address, Arena::kHugePageBytes) - address;
  const size_t tail = Arena::kHugePageBytes - head;
  if (head != 0) munmap(data, head);
  if (tail != 0) munmap(data + head + bytes, tail);
  madvise(data + head, bytes, MADV_HUGEPAGE);  // advice: ordinary pages do as well
  return data + head;
}

}  // namespace

Arena::Arena(size_t bytes)
    : bytes_(RoundUp(bytes, bytes >= kHugePageBytes ? kHugePageBytes : kPageBytes)),
      data_(bytes_ >= kHugePageBytes ? MapHuge(bytes_) : Map(bytes_)) {}

Arena::~Arena() { munmap(data_, bytes_); }

}  // namespace stacksampler::unwind
