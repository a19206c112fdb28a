// SPDX-License-Identifier: MIT
#include "sampler/symbolize/modules.h"

#include <link.h>
#include <sys/auxv.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sampler/symbolize/build_id.h"

namespace stacksampler::symbolize {
namespace {

constexpr std::string_view kDeletedSuffix = " (deleted)";

const char* MappedAt(uintptr_t address) { return reinterpret_cast<const char*>(address); }

// The bytes at a link-time address, when the loader mapped all of them readable.
std::string_view MappedBytes(const dl_phdr_info& info, uintptr_t address, size_t size) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0) continue;
    const uintptr_t offset = address - segment.p_vaddr;
    if (offset <= segment.p_filesz && size <= segment.p_filesz - offset) {
      return {MappedAt(info.dlpi_addr + address), size};
    }
  }
  return {};
}

std::string RunningBuildId(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const std::string_view notes = MappedBytes(info, segment.p_vaddr, segment.p_filesz);
    std::string build_id = BuildIdOfNotes(notes, segment.p_align);
    if (!build_id.empty()) return build_id;
  }
  return "";
}

// The segment that holds the ELF header starts the image.
std::string_view RunningHead(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && segment.p_offset == 0) {
      return MappedBytes(info, segment.p_vaddr, std::min(segment.p_filesz, kModuleHeadBytes));
    }
  }
  return {};
}

bool IsVdso(const void* image) {
  return image != nullptr && reinterpret_cast<uintptr_t>(image) == getauxval(AT_SYSINFO_EHDR);
}

// Without strlen(): ThreadSanitizer, which knows that the loader's names are safe to read here,
// forgets of their closing NUL and would report us to a host that is tested with it.
[[gnu::no_sanitize_thread]] size_t NameLength(const char* name) {
  const volatile char* end = name;
  while (*end != '\0') ++end;
  return static_cast<size_t>(end - name);
}

std::string NameOf(const dl_phdr_info& info) {
  return info.dlpi_name == nullptr ? "" : std::string(info.dlpi_name, NameLength(info.dlpi_name));
}

std::string PathOf(const dl_phdr_info& info, const void* image) {
  if (IsVdso(image)) return "[vdso]";
  std::error_code error;
  const std::string name = NameOf(info);
  if (name.empty()) {
    std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
    if (path.ends_with(kDeletedSuffix)) path.resize(path.size() - kDeletedSuffix.size());
    return path;
  }
  // dlopen("./plugin.so") is told from the directory of that moment.
  const std::string path = std::filesystem::absolute(name, error).string();
  return error ? name : path;
}

Module Describe(const dl_phdr_info& info) {
  Module module;
  uintptr_t first = std::numeric_limits<uintptr_t>::max();
  module.start = first;
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    first = std::min(first, info.dlpi_addr + segment.p_vaddr);
    if ((segment.p_flags & PF_X) == 0) continue;
    const uintptr_t start = info.dlpi_addr + segment.p_vaddr;
    module.start = std::min(module.start, start);
    module.end = std::max(module.end, start + segment.p_memsz);
  }
  if (module.end == 0) return module;
  module.load_bias = info.dlpi_addr;
  module.image = MappedAt(first);
  module.path = PathOf(info, module.image);
  module.build_id = RunningBuildId(info);
  if (module.build_id.empty()) module.head = RunningHead(info);
  return module;
}

int AddModule(dl_phdr_info* info, size_t /*size*/, void* data) {
  Module module = Describe(*info);
  if (module.end != 0) static_cast<std::vector<Module>*>(data)->push_back(std::move(module));
  return 0;
}

bool SameModule(const Module& a, const Module& b) {
  return a.load_bias == b.load_bias && a.start == b.start && a.end == b.end && a.path == b.path &&
         a.build_id == b.build_id && a.head == b.head;
}

}  // namespace

void ModuleMap::Refresh() {
  std::vector<Module> loaded;
  dl_iterate_phdr(AddModule, &loaded);
  by_start_.clear();
  for (Module& module : loaded) {
    // A plugin that is loaded again where it was before takes its old id: the number of records is
    // bounded by distinct (file, address), not by the number of loads.
    auto known = std::find_if(modules_.begin(), modules_.end(),
                              [&](const Module& old) { return SameModule(old, module); });
    if (known == modules_.end()) {
      module.id = size();
      known = modules_.insert(modules_.end(), std::move(module));
    }
    by_start_[known->start] = &*known;
  }
}

const Module* ModuleMap::Find(uintptr_t address) const {
  const auto next = by_start_.upper_bound(address);
  if (next == by_start_.begin()) return nullptr;
  const Module* module = std::prev(next)->second;
  return address < module->end ? module : nullptr;
}

}  // namespace stacksampler::symbolize
