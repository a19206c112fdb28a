// SPDX-License-Identifier: MIT
#include "guest/footprint.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace stacksampler {
namespace {

constexpr int64_t kHeapPiece = 32;  // malloc's smallest
constexpr int64_t kFloor = 4096;    // what is made once

int64_t Entries(const char* folder) {
  const std::filesystem::directory_iterator entries(folder);
  return std::distance(begin(entries), end(entries));
}

int64_t Timers() {
  std::ifstream file("/proc/self/timers");
  int64_t timers = 0;
  for (std::string line; std::getline(file, line);) timers += line.rfind("ID:", 0) == 0 ? 1 : 0;
  return timers;
}

int64_t Threads() {
  int64_t threads = Entries("/proc/self/task");
  for (int i = 0; i < 1000 && threads > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    threads = Entries("/proc/self/task");
  }
  return threads;
}

void Append(const char* what, int64_t before, int64_t after, int64_t allowed, std::string* growth) {
  if (after - before <= allowed) return;
  *growth +=
      std::string(what) + ' ' + std::to_string(before) + " -> " + std::to_string(after) + ' ';
}

}  // namespace

Footprint Footprint::Now() {
  Footprint now;
  now.threads = Threads();
  now.descriptors = Entries("/proc/self/fd");
  now.timers = Timers();
  const struct mallinfo2 heap = mallinfo2();
  now.heap_bytes = static_cast<int64_t>(heap.uordblks + heap.hblkhd);
  const int64_t page = sysconf(_SC_PAGESIZE);
  int64_t shared = 0;
  std::ifstream("/proc/self/statm") >> now.address_bytes >> now.resident_bytes >> shared;
  now.resident_bytes = (now.resident_bytes - shared) * page;
  now.address_bytes *= page;
  return now;
}

std::string Growth(const Footprint& before, const Footprint& after, int64_t cycles) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  std::string growth;
  Append("descriptors", before.descriptors, after.descriptors, 0, &growth);
  Append("threads", before.threads, after.threads, 0, &growth);
  Append("timers", before.timers, after.timers, 0, &growth);
  Append("heap bytes", before.heap_bytes, after.heap_bytes, kFloor + kHeapPiece / 2 * cycles,
         &growth);
  Append("resident bytes", before.resident_bytes, after.resident_bytes, page / 2 * cycles, &growth);
  Append("address space", before.address_bytes, after.address_bytes, page / 2 * cycles, &growth);
  return growth;
}

}  // namespace stacksampler
