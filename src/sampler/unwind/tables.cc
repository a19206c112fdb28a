// SPDX-License-Identifier: MIT
#include "sampler/unwind/tables.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sampler/unwind/generation.h"
#include "sampler/unwind/generation_builder.h"
#include "sampler/unwind/loaded_modules.h"

namespace stacksampler::unwind {
namespace {

// Every generation not yet retired, oldest first; the last one is published. Never destroyed: a
// signal may come as long as the process lives.
std::vector<BuiltGeneration>& Generations() {
  static auto& generations = *new std::vector<BuiltGeneration>;
  return generations;
}

}  // namespace

bool TablesAreStale() {
  const Generation* current = CurrentGeneration();
  if (current == nullptr) return true;
  return ReadLoaderCounts() != LoaderCounts{current->adds, current->subs};
}

uint64_t RefreshTables() {
  const Generation* current = CurrentGeneration();
  const uint64_t number = current == nullptr ? 0 : current->number;
  if (!TablesAreStale()) return number;
  Generations().push_back(BuildGeneration(number + 1, current));
  PublishGeneration(Generations().back().generation);
  return number + 1;
}

void RetireBefore(uint64_t generation) {
  const Generation* current = CurrentGeneration();
  std::erase_if(Generations(), [&](const BuiltGeneration& built) {
    return built.generation != current && built.generation->number < generation;
  });
}

TableStats CurrentTableStats() {
  TableStats stats;
  const Generation* current = CurrentGeneration();
  if (current == nullptr) return stats;
  stats.modules = current->module_count;
  stats.bytes = current->bytes;
  for (size_t i = 0; i < current->module_count; ++i) stats.rows += current->modules[i].row_count;
  return stats;
}

}  // namespace stacksampler::unwind
