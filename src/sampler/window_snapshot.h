// SPDX-License-Identifier: MIT
//
// Purpose: one window, copied out of the drain's structures so that naming its addresses needs no
//   drain lock.
// Thread safety: a value.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_WINDOW_SNAPSHOT_H_
#define STACKSAMPLER_SAMPLER_WINDOW_SNAPSHOT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sampler/call_tree.h"
#include "sampler/code_map.h"
#include "sampler/counter_table.h"
#include "sampler/readers.h"

namespace stacksampler::sampling {

struct WindowSnapshot {
  struct Node {
    CodeAddress address;
    const symbolize::Module* module = nullptr;
    uint32_t parent = 0;  // index into nodes, smaller than the own one
  };
  struct Entry {
    uint32_t node = 0;  // index into nodes
    NameId name = 0;
    int64_t weight = 0;  // includes its moments'
    ThreadState state = ThreadState::kUntold;
  };

  uint64_t id = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::vector<Node> nodes;  // the first is the root
  std::vector<Entry> entries;
  std::vector<Moment> moments;  // .counter is an index into entries
  std::vector<std::string> names;
};

WindowSnapshot TakeSnapshot(OfferedWindow window, const CallTree& tree,
                            const CounterTable& counters, const CodeMap& code);

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_WINDOW_SNAPSHOT_H_
