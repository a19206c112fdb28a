// SPDX-License-Identifier: MIT
//
// Purpose: a .cpuprofile of a stretch of one's own program, as the original's Profiler class gave:
//     stacksampler::CpuProfiler profiler;
//     profiler.Start(); work(); profiler.Stop();
//     std::ofstream("my.cpuprofile") << profiler.Output();
// Start and Stop may be repeated; Output() always is valid JSON.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: as Sampler::Start(). Where a Sampler runs already, it is used, and keeps running.
#ifndef STACKSAMPLER_CPU_PROFILER_H_
#define STACKSAMPLER_CPU_PROFILER_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler {

struct CpuProfilerOptions {
  /// Only this thread (a kernel thread id, see gettid(2)); 0 = all.
  pid_t thread = 0;
  /// Ignored where a Sampler runs already: then its interval holds.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(1);
  /// kWall: also where threads wait; see SamplerOptions::mode. Ignored where a Sampler runs
  /// already: then its mode holds.
  SamplerMode mode = SamplerMode::kCpu;
};

class STACKSAMPLER_EXPORT CpuProfiler {
 public:
  explicit CpuProfiler(const CpuProfilerOptions& options = {});
  ~CpuProfiler();
  CpuProfiler(const CpuProfiler&) = delete;
  CpuProfiler& operator=(const CpuProfiler&) = delete;

  /// A failure of either is logged, too: both may be bare statements.
  ReportedStatus Start();
  ReportedStatus Stop();
  /// Samples of all Start..Stop stretches so far.
  [[nodiscard]] const Profile& profile() const;
  /// The same as .cpuprofile JSON.
  [[nodiscard]] std::string Output() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_CPU_PROFILER_H_
