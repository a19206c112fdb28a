// SPDX-License-Identifier: MIT
//
// Purpose: names of code that a just-in-time compiler made, from the file that it keeps for perf,
//   /tmp/perf-PID.map: lines "START SIZE name", both numbers in hex.
// Invariant: /tmp belongs to everybody. Only a regular file of our own user that no other may write
//   is read, at most kMaxPerfMapBytes of it.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: lines that cannot be read are counted; without a file nothing is found.
// Source: https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jit-interface.txt
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_PERF_MAP_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_PERF_MAP_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace stacksampler::symbolize {

inline constexpr size_t kMaxPerfMapBytes = size_t{32} << 20;
inline constexpr size_t kMaxPerfMapName = 1024;  // bytes; the rest is cut off

class PerfMap {
 public:
  PerfMap() = default;
  /// Of another file than this process's.
  explicit PerfMap(std::string path) : path_(std::move(path)) {}

  /// Reads the file again when it has changed. True when it has.
  bool Refresh();
  /// "" when nothing covers the address. Of two that do the later line's: code is replaced.
  [[nodiscard]] std::string Find(uint64_t address) const;

  /// Lines of the file as it was read last that are no such line, and a last one, when the file
  /// goes on behind the bound.
  [[nodiscard]] uint64_t skipped_lines() const { return skipped_lines_; }
  [[nodiscard]] size_t size() const { return code_.size(); }

 private:
  struct Code {
    uint64_t end;
    std::string name;
  };

  void Read(std::string_view text);
  bool ReadLine(std::string_view line);
  void Add(uint64_t start, uint64_t end, std::string_view name);

  std::string path_;  // "": that of this process
  struct stat seen_ {};
  std::map<uint64_t, Code> code_;  // by start, without overlaps
  uint64_t skipped_lines_ = 0;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_PERF_MAP_H_
