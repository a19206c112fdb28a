// SPDX-License-Identifier: MIT
#include "sampler/counter_table.h"

namespace stacksampler::sampling {
namespace {

uint64_t Key(const CounterTable::Counter& counter) {
  return uint64_t{counter.name} << 34 | uint64_t{static_cast<uint8_t>(counter.state)} << 32 |
         counter.node;
}

}  // namespace

NameId CounterTable::InternName(const std::string& name) {
  const auto known = name_ids_.find(name);
  if (known != name_ids_.end()) return known->second;
  if (names_.size() >= kMaxThreadNames && name != kOtherThreads) return InternName(kOtherThreads);
  const auto id = static_cast<NameId>(names_.size());
  names_.push_back(name);
  name_ids_.emplace(name, id);
  return id;
}

std::optional<CounterId> CounterTable::Find(const Counter& counter) {
  const auto known = ids_.find(Key(counter));
  if (known != ids_.end()) return known->second;
  if (counters_.size() >= max_counters_) return std::nullopt;
  return Insert(counter);
}

size_t CounterTable::bytes() const {
  constexpr size_t kMapEntry = 4 * sizeof(void*);
  return counters_.capacity() * sizeof(Counter) + ids_.size() * kMapEntry +
         ids_.bucket_count() * sizeof(void*);
}

CounterId CounterTable::Insert(const Counter& counter) {
  const auto known = ids_.find(Key(counter));
  if (known != ids_.end()) return known->second;
  // First its place, which nothing else is given should the memory end before it has a key.
  const auto id = static_cast<CounterId>(counters_.size());
  counters_.push_back(counter);
  ids_.emplace(Key(counter), id);
  return id;
}

}  // namespace stacksampler::sampling
