// SPDX-License-Identifier: MIT
//
// Purpose: what the programs and the store take, looked at again and again, and whether it grows.
// Thread safety: one thread at a time.
// Errors: a process that has ended takes nothing.
#ifndef STACKSAMPLER_BENCH_SOAK_WATCH_H_
#define STACKSAMPLER_BENCH_SOAK_WATCH_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stacksampler::bench {

struct ProcessLook {
  double resident_mib = 0;
  double descriptors = 0;  // but sockets
  double sockets = 0;
  double threads = 0;
  double cpu_seconds = 0;
};
ProcessLook LookAtProcess(pid_t pid);

struct DiskLook {
  uint64_t windows = 0;  // bytes of sealed windows
  uint64_t days = 0;     // of totals of days
  uint64_t journals = 0;
  uint64_t others = 0;
};
DiskLook LookAtStore(const std::string& dir);

/// By least squares over what was seen from `first_day` on; 0 with fewer than two moments.
class Trend {
 public:
  void Add(double day, double value) { seen_.push_back({day, value}); }
  [[nodiscard]] double SlopeFrom(double first_day) const;
  [[nodiscard]] double Highest() const;
  [[nodiscard]] double Last() const { return seen_.empty() ? 0 : seen_.back().value; }

 private:
  struct Seen {
    double day;
    double value;
  };
  std::vector<Seen> seen_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_WATCH_H_
