// SPDX-License-Identifier: MIT
#include "sampler/unwind/generation_builder.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "sampler/unwind/loaded_modules.h"
#include "sampler/unwind/module_rows.h"

namespace stacksampler::unwind {
namespace {

struct ModuleDraft {
  LoadedModule module;
  std::vector<Row> rows;
  std::vector<uint32_t> index;
};

const ModuleTable* FindSame(const Generation& generation, const LoadedModule& module) {
  const ModuleTable* same = generation.FindModule(module.code_begin);
  const bool equal = same != nullptr && same->begin == module.code_begin &&
                     same->end == module.code_end && same->header == module.header;
  return equal ? same : nullptr;
}

class Draft {
 public:
  explicit Draft(const Generation* previous) {
    const std::vector<LoadedModule> modules = ListModules(&counts_);
    // As long as nothing was removed, what lies at the same place is the same.
    if (previous == nullptr || previous->subs != counts_.subs) {
      previous = nullptr;
    } else {
      const SideRule* rules = previous->side_rules;
      sides_ = SideTable({rules, rules + previous->side_rule_count});
    }
    for (const LoadedModule& module : modules) AddModule(module, previous);
  }

  BuiltGeneration Publishable(uint64_t number) const {
    auto arena = std::make_unique<Arena>(Bytes());
    auto* generation = new (arena->Allocate<Generation>(1)) Generation;
    generation->number = number;
    generation->adds = counts_.adds;
    generation->subs = counts_.subs;
    generation->bytes = arena->bytes();
    generation->cache = new (arena->Allocate<RuleCache>(1)) RuleCache;
    generation->side_rules = arena->Copy(sides_.rules());
    generation->side_rule_count = sides_.rules().size();
    auto* tables = arena->Allocate<ModuleTable>(modules_.size());
    generation->modules = tables;
    generation->module_count = modules_.size();
    for (const ModuleDraft& draft : modules_) *tables++ = Table(draft, arena.get());
    return {std::move(arena), generation};
  }

 private:
  void AddModule(const LoadedModule& module, const Generation* previous) {
    const uintptr_t code_bytes = module.code_end - module.code_begin;
    if (code_bytes > UINT32_MAX) return;
    ModuleDraft draft{module, {}, {}};
    const ModuleTable* same = previous != nullptr ? FindSame(*previous, module) : nullptr;
    if (same != nullptr) {
      draft.rows.assign(same->rows, same->rows + same->row_count);
    } else {
      std::vector<uint8_t> bytes;
      if (!CopyUnwindBytes(module, &bytes)) return;
      const UnwindImage image{bytes.data(), bytes.size(), module.unwind_begin, module.header};
      draft.rows = BuildRows(image, module.code_begin, module.code_end, &sides_);
    }
    draft.index = BuildIndex(draft.rows, code_bytes);
    modules_.push_back(std::move(draft));
  }

  static ModuleTable Table(const ModuleDraft& draft, Arena* arena) {
    ModuleTable table;
    table.begin = draft.module.code_begin;
    table.end = draft.module.code_end;
    table.header = draft.module.header;
    table.rows = arena->Copy(draft.rows);
    table.index = arena->Copy(draft.index);
    table.row_count = static_cast<uint32_t>(draft.rows.size());
    return table;
  }

  size_t Bytes() const {
    size_t bytes = Arena::BytesFor<Generation>(1) + Arena::BytesFor<RuleCache>(1) +
                   Arena::BytesFor<SideRule>(sides_.rules().size()) +
                   Arena::BytesFor<ModuleTable>(modules_.size());
    for (const ModuleDraft& draft : modules_) {
      bytes +=
          Arena::BytesFor<Row>(draft.rows.size()) + Arena::BytesFor<uint32_t>(draft.index.size());
    }
    return bytes;
  }

  LoaderCounts counts_;
  SideTable sides_;
  std::vector<ModuleDraft> modules_;
};

}  // namespace

BuiltGeneration BuildGeneration(uint64_t number, const Generation* previous) {
  return Draft(previous).Publishable(number);
}

}  // namespace stacksampler::unwind
