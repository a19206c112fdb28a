// SPDX-License-Identifier: MIT
#include "sampler/proc_task.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string_view>

#include "base/errno_status.h"

namespace stacksampler::sampling {
namespace {

constexpr char kTaskFolder[] = "/proc/self/task";

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// "7f5c8c021000-7f5c8c022000 rw-p 00000000 00:00 0   [stack]"
bool ParseMapsLine(std::string_view line, MemoryRange* range) {
  const char* const end = line.data() + line.size();
  const auto low = std::from_chars(line.data(), end, range->start, 16);
  if (low.ec != std::errc() || low.ptr == end || *low.ptr != '-') return false;
  const auto high = std::from_chars(low.ptr + 1, end, range->end, 16);
  if (high.ec != std::errc() || end - high.ptr < 2 || high.ptr[1] != 'r') return false;
  constexpr std::string_view kStack = "[stack]";
  range->is_main_stack =
      line.size() > kStack.size() && line.substr(line.size() - kStack.size()) == kStack;
  return true;
}

}  // namespace

Result<std::vector<pid_t>> ListThreads() {
  const std::unique_ptr<DIR, CloseFolder> folder(opendir(kTaskFolder));
  if (folder == nullptr) {
    return ErrnoStatus(errno, std::string("list threads in ") + kTaskFolder,
                       "the sampler needs /proc mounted");
  }
  std::vector<pid_t> tids;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    pid_t tid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), tid).ec == std::errc()) {
      tids.push_back(tid);
    }
  }
  return tids;
}

// One read: the kernel writes such a file anew for each.
std::string ThreadFile(pid_t tid, const char* name) {
  char path[64];
  std::snprintf(path, sizeof path, "%s/%d/%s", kTaskFolder, static_cast<int>(tid), name);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  char text[256];
  const ssize_t size = read(file, text, sizeof text);
  close(file);
  if (size <= 0) return "";
  const std::string_view all(text, static_cast<size_t>(size));
  return std::string(all.substr(0, all.find('\n')));
}

std::string ThreadName(pid_t tid) { return ThreadFile(tid, "comm"); }

bool IsProfilersThread(const std::string& name) {
  return name == "stacksampler" || name == "stacksampler-ht";
}

bool Blocks(pid_t tid, int signal) {
  constexpr std::string_view kBlocked = "SigBlk:\t";
  std::ifstream file(std::string(kTaskFolder) + '/' + std::to_string(tid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, kBlocked.size(), kBlocked) != 0) continue;
    uint64_t mask = 0;
    std::from_chars(line.data() + kBlocked.size(), line.data() + line.size(), mask, 16);
    return (mask >> (signal - 1) & 1) != 0;
  }
  return false;
}

std::vector<MemoryRange> ReadableMemory() {
  std::ifstream file("/proc/self/maps");
  std::vector<MemoryRange> ranges;
  for (std::string line; std::getline(file, line);) {
    MemoryRange range;
    if (ParseMapsLine(line, &range)) ranges.push_back(range);
  }
  return ranges;
}

}  // namespace stacksampler::sampling
