// SPDX-License-Identifier: MIT
//
// Purpose: dense ids for (thread name, state, stack) triples and for thread names.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_COUNTER_TABLE_H_
#define STACKSAMPLER_SAMPLER_COUNTER_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sampler/call_tree.h"
#include "sampler/readers.h"
#include "stacksampler/keyed_hash.h"

namespace stacksampler::sampling {

using NameId = uint32_t;

/// Of a thread in a sample. Told in wall-clock mode only.
enum class ThreadState : uint8_t { kUntold, kRunning, kWaiting };

/// Distinct thread names kept; threads of any further name are "[other threads]".
inline constexpr size_t kMaxThreadNames = 4096;
inline constexpr char kOtherThreads[] = "[other threads]";

class CounterTable {
 public:
  struct Counter {
    NameId name = 0;
    NodeId node = 0;
    ThreadState state = ThreadState::kUntold;
  };

  explicit CounterTable(size_t max_counters) : max_counters_(max_counters) {}

  NameId InternName(const std::string& name);
  /// nullopt when it would be a new counter and the cap is reached.
  std::optional<CounterId> Find(const Counter& counter);
  /// Beyond the cap too. REQUIRES: the node is one of the few marker nodes.
  CounterId FindMarker(const Counter& counter) { return Insert(counter); }

  [[nodiscard]] const Counter& Get(CounterId id) const { return counters_[id]; }
  [[nodiscard]] const std::string& Name(NameId id) const { return names_[id]; }
  /// About: what the standard library adds to a map's entry is not known.
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] size_t name_count() const { return names_.size(); }

 private:
  CounterId Insert(const Counter& counter);

  size_t max_counters_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, NameId, TextHasher> name_ids_;
  std::vector<Counter> counters_;
  std::unordered_map<uint64_t, CounterId, NumberHasher> ids_;  // name << 34 | state << 32 | node
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_COUNTER_TABLE_H_
