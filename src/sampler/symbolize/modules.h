// SPDX-License-Identifier: MIT
//
// Purpose: which module an address belongs to, and what is needed to name it, even after the module
//   was unloaded.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULES_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace stacksampler::symbolize {

/// Bytes of a module's image that stand in for a missing build-id: the ELF header and the program
/// headers, which tell where each part of the file lies and how long it is.
inline constexpr size_t kModuleHeadBytes = 1024;

/// A module that is or was loaded. Lives, with the same id and address, as long as the ModuleMap.
struct Module {
  uint32_t id = 0;          // dense from 0
  std::string path;         // file to read symbols from; "[vdso]" for the kernel's page
  std::string build_id;     // lower-case hex of NT_GNU_BUILD_ID, "" when it has none
  std::string head;         // first kModuleHeadBytes of its image when it has no build_id, else ""
  uintptr_t load_bias = 0;  // link-time address + load_bias = run-time address
  uintptr_t start = 0;      // of its executable segments
  uintptr_t end = 0;
  const void* image = nullptr;  // first mapped byte; the vdso's only ELF image
};

class ModuleMap {
 public:
  /// Reads the loader's list. Modules that are gone stay known by id, but are no longer found by
  /// address.
  void Refresh();
  /// Null for code that belongs to no module (JIT). Pointers stay valid as long as this map.
  [[nodiscard]] const Module* Find(uintptr_t address) const;
  [[nodiscard]] const Module& Get(uint32_t id) const { return modules_[id]; }
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(modules_.size()); }

 private:
  std::deque<Module> modules_;
  std::map<uintptr_t, const Module*> by_start_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULES_H_
