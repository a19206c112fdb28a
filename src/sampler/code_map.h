// SPDX-License-Identifier: MIT
//
// Purpose: run-time addresses to CodeAddress, following dlopen and dlclose, and the unwind tables'
//   keeping up with them.
// Thread safety: outside locking (the drain lock); walkers run beside it.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_CODE_MAP_H_
#define STACKSAMPLER_SAMPLER_CODE_MAP_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "sampler/code_address.h"
#include "sampler/handler/thread_slot.h"
#include "sampler/symbolize/modules.h"

namespace stacksampler::sampling {

class CodeMap {
 public:
  /// An address of a module that was unloaded since the last Refresh() is still found: samples
  /// are resolved before that.
  CodeAddress Resolve(uintptr_t pc);

  /// Reads modules and unwind tables anew where the loader's list has changed, and frees the tables
  /// that no handler can be reading any more.
  void Refresh();

  /// Null for what lies in no module. Lives as long as the map.
  [[nodiscard]] const symbolize::Module* ModuleOf(const CodeAddress& address) const {
    return address.module < modules_.size() ? &modules_.Get(address.module) : nullptr;
  }

 private:
  void NoteHandlersInside();
  void RetireWhenQuiescent();

  symbolize::ModuleMap modules_;
  bool loaded_ = false;
  uint64_t retire_before_ = 0;  // table generation; 0 = nothing to retire
  // Slots whose handler was inside when that generation was published, with their sequence then.
  std::vector<std::pair<ThreadSlot*, uint64_t>> inside_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_CODE_MAP_H_
