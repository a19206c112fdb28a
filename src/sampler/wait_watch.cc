// SPDX-License-Identifier: MIT
#include "sampler/wait_watch.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "sampler/cpu_timer.h"
#include "sampler/proc_task.h"
#include "sampler/unwind/blocked_walker.h"

namespace stacksampler::sampling {
namespace {

// Takes the last word off `text`.
std::string_view LastWord(std::string_view* text) {
  const size_t space = text->rfind(' ');
  const size_t begin = space == std::string_view::npos ? 0 : space + 1;
  const std::string_view word = text->substr(begin);
  text->remove_suffix(text->size() - (begin == 0 ? 0 : space));
  return word;
}

bool ParseHex(std::string_view word, uintptr_t* value) {
  if (word.substr(0, 2) != "0x") return false;
  const char* end = word.data() + word.size();
  const auto parsed = std::from_chars(word.data() + 2, end, *value, 16);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

// "230 0x0 ... 0x7ffe3e8c0b8 0x7fd9ab067503": the system call and its arguments, or -1; the stack
// pointer; the program counter. Or "running".
bool ParseSyscall(std::string_view line, uintptr_t* sp, uintptr_t* pc) {
  return ParseHex(LastWord(&line), pc) && ParseHex(LastWord(&line), sp);
}

}  // namespace

Status WaitWatch::Check() const {
  if (ThreadFile(gettid(), "syscall").empty()) {
    return {StatusCode::kPermissionDenied,
            "wall-clock mode: /proc/self/task/TID/syscall cannot be read here; use "
            "SamplerMode::kCpu"};
  }
  if (copy_.source() == unwind::StackCopy::Source::kNone) {
    return {StatusCode::kPermissionDenied,
            "wall-clock mode: neither process_vm_readv nor /proc/self/mem is allowed here; use "
            "SamplerMode::kCpu"};
  }
  return Status::Ok();
}

WaitWatch::Sight WaitWatch::Look(pid_t tid, int64_t cpu_ns, RawSample* sample) {
  const std::string seen = ThreadFile(tid, "syscall");
  uintptr_t sp = 0;
  uintptr_t pc = 0;
  if (!ParseSyscall(seen, &sp, &pc)) return Sight::kRunning;
  unwind::Walk walk;
  walk.pcs = sample->pcs;
  unwind::WalkBlocked(pc, sp, &copy_, &walk);
  if (ThreadCpuNs(tid) != cpu_ns || ThreadFile(tid, "syscall") != seen) return Sight::kMoved;
  sample->header = {};
  sample->header.depth = static_cast<uint16_t>(walk.depth);
  sample->header.guessed = static_cast<uint8_t>(std::min<uint32_t>(walk.guessed, UINT8_MAX));
  sample->header.truncated = walk.omitted != 0;
  sample->header.complete = walk.complete;
  return Sight::kBlocked;
}

// "1113289 1111580 2": nanoseconds on a CPU, nanoseconds of waiting for one, times it ran.
std::optional<int64_t> RunDelayNs(pid_t tid) {
  const std::string line = ThreadFile(tid, "schedstat");
  const size_t space = line.find(' ');
  if (space == std::string::npos) return {};
  int64_t ns = 0;
  const auto parsed = std::from_chars(line.data() + space + 1, line.data() + line.size(), ns);
  if (parsed.ec != std::errc()) return {};
  return ns;
}

}  // namespace stacksampler::sampling
