// SPDX-License-Identifier: MIT
#include "http/process_state.h"

#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace stacksampler::http {
namespace {

size_t CountEntries(const char* directory) {
  const std::filesystem::directory_iterator entries(directory);
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

size_t OpenDescriptors() { return CountEntries("/proc/self/fd"); }

size_t RunningThreads() { return CountEntries("/proc/self/task"); }

size_t ResidentBytes() {
  size_t total_pages = 0;
  size_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

size_t SettledResidentBytes() {
  malloc_trim(0);
  return ResidentBytes();
}

}  // namespace stacksampler::http
