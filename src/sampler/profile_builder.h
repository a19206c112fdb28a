// SPDX-License-Identifier: MIT
//
// Purpose: names a window's addresses and builds its Profile.
// Thread safety: outside locking (it caches names), but not the drain lock.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_PROFILE_BUILDER_H_
#define STACKSAMPLER_SAMPLER_PROFILE_BUILDER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sampler/symbolize/symbolizer.h"
#include "sampler/window_snapshot.h"
#include "stacksampler/profile.h"
#include "stacksampler/sampler.h"

namespace stacksampler::sampling {

class ProfileBuilder {
 public:
  explicit ProfileBuilder(const SamplerOptions& options)
      : period_ns_(options.interval.count()),
        labels_(options.labels),
        symbolizer_(options.running_lines ? symbolize::Lines::kRunning
                                          : symbolize::Lines::kFunction) {}

  Profile Build(const WindowSnapshot& snapshot);
  /// From any thread.
  [[nodiscard]] uint64_t skipped_perf_map_lines() const { return skipped_perf_map_lines_; }

 private:
  /// Frames of one address, outermost first, as ids of known_.
  const std::vector<FrameId>& FramesOf(const WindowSnapshot::Node& node);
  std::vector<FrameId> NameAddress(const WindowSnapshot::Node& node);
  FrameId Intern(const symbolize::NamedFrame& frame, MappingId mapping);
  LabelSetId InternLabels(const std::string& thread, ThreadState state, Profile* profile) const;
  std::vector<StackId> BuildStacks(const WindowSnapshot& snapshot, Profile* profile);

  const int64_t period_ns_;
  const Labels labels_;  // of every sample
  symbolize::Symbolizer symbolizer_;
  std::atomic<uint64_t> skipped_perf_map_lines_{0};
  Profile known_;  // used for its strings, mappings and frames only
  std::map<std::pair<uint32_t, uint64_t>, std::vector<FrameId>> frames_;  // by module and offset
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_PROFILE_BUILDER_H_
