// SPDX-License-Identifier: MIT
#include "sampler/symbolize/perf_map.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/unique_fd.h"
#include "sampler/symbolize/same_file.h"

namespace stacksampler::symbolize {
namespace {

bool IsTrusted(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == geteuid() && (info.st_mode & S_IWOTH) == 0;
}

// Read, not mapped: it may be cut short while we are at it. Nothing interrupts reading it: it is a
// regular file.
std::string ReadAtMost(int fd, size_t size) {
  std::string text(size, '\0');
  size_t read_so_far = 0;
  for (ssize_t got = 1; got > 0 && read_so_far < size;) {
    got = read(fd, text.data() + read_so_far, size - read_so_far);
    read_so_far += static_cast<size_t>(std::max<ssize_t>(got, 0));
  }
  text.resize(read_so_far);
  return text;
}

// Takes a hexadecimal number and the space behind it off the line.
bool TakeNumber(std::string_view* line, uint64_t* number) {
  if (line->starts_with("0x")) line->remove_prefix(2);
  const char* end = line->data() + line->size();
  const auto parsed = std::from_chars(line->data(), end, *number, 16);
  if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != ' ') return false;
  line->remove_prefix(static_cast<size_t>(parsed.ptr + 1 - line->data()));
  return true;
}

}  // namespace

bool PerfMap::Refresh() {
  const std::string path = path_.empty() ? "/tmp/perf-" + std::to_string(getpid()) + ".map" : path_;
  // Neither to follow somebody's link nor to wait for somebody's FIFO.
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0 || !IsTrusted(info)) info = {};
  if (SameFile(info, seen_)) return false;
  seen_ = info;
  code_.clear();
  skipped_lines_ = 0;
  const auto size = static_cast<size_t>(info.st_size);
  if (size > kMaxPerfMapBytes) ++skipped_lines_;
  if (size > 0) Read(ReadAtMost(fd.get(), std::min(size, kMaxPerfMapBytes)));
  return true;
}

// A last line without its end is still being written: it comes with the next read.
void PerfMap::Read(std::string_view text) {
  for (size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
    if (end != 0 && !ReadLine(text.substr(0, end))) ++skipped_lines_;
    text.remove_prefix(end + 1);
  }
}

bool PerfMap::ReadLine(std::string_view line) {
  uint64_t start = 0;
  uint64_t size = 0;
  if (!TakeNumber(&line, &start) || !TakeNumber(&line, &size)) return false;
  if (line.empty() || size == 0 || size > UINT64_MAX - start) return false;
  Add(start, start + size, line.substr(0, kMaxPerfMapName));
  return true;
}

// What the new code overwrites is gone; of code that it overwrites in part the other parts stay.
void PerfMap::Add(uint64_t start, uint64_t end, std::string_view name) {
  auto it = code_.lower_bound(start);
  if (it != code_.begin()) {
    Code& before = std::prev(it)->second;
    if (before.end > end) it = code_.emplace_hint(it, end, before);
    before.end = std::min(before.end, start);
  }
  while (it != code_.end() && it->first < end) {
    if (it->second.end > end) code_.emplace(end, it->second);
    it = code_.erase(it);
  }
  code_.insert_or_assign(start, Code{end, std::string(name)});
}

std::string PerfMap::Find(uint64_t address) const {
  const auto next = code_.upper_bound(address);
  if (next == code_.begin()) return "";
  const Code& code = std::prev(next)->second;
  return address < code.end ? code.name : "";
}

}  // namespace stacksampler::symbolize
