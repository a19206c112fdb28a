// SPDX-License-Identifier: MIT
#include "sampler/unwind/loaded_modules.h"

#include <link.h>

#include <algorithm>

#include "sampler/unwind/fde_table.h"

namespace stacksampler::unwind {
namespace {

uintptr_t SegmentBegin(const dl_phdr_info& info, const ElfW(Phdr) & segment) {
  return info.dlpi_addr + segment.p_vaddr;
}

const uint8_t* AsBytes(uintptr_t address) { return reinterpret_cast<const uint8_t*>(address); }

void FindCode(const dl_phdr_info& info, LoadedModule* module) {
  module->code_begin = UINTPTR_MAX;
  for (size_t i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const uintptr_t begin = SegmentBegin(info, segment);
    module->code_begin = std::min(module->code_begin, begin);
    module->code_end = std::max<uintptr_t>(module->code_end, begin + segment.p_memsz);
  }
}

// The part of the segment around the header that is backed by the file.
bool FindSegment(const dl_phdr_info& info, uintptr_t header, UnwindImage* image) {
  for (size_t i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    const uintptr_t begin = SegmentBegin(info, segment);
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0) continue;
    if (header < begin || header - begin >= segment.p_filesz) continue;
    *image = {AsBytes(begin), segment.p_filesz, begin, header};
    return true;
  }
  return false;
}

void FindUnwind(const dl_phdr_info& info, LoadedModule* module) {
  for (size_t i = 0; i < info.dlpi_phnum; ++i) {
    if (info.dlpi_phdr[i].p_type != PT_GNU_EH_FRAME) continue;
    const uintptr_t header = SegmentBegin(info, info.dlpi_phdr[i]);
    UnwindImage image;
    uintptr_t frames = 0;
    if (!FindSegment(info, header, &image) || !FdeTable(image).Open(&frames)) return;
    if (image.From(frames).empty()) return;
    module->header = header;
    module->unwind_begin = std::min(header, frames);
    module->unwind_end = image.address + image.size;
    return;
  }
}

LoadedModule Describe(const dl_phdr_info& info) {
  LoadedModule module;
  FindCode(info, &module);
  FindUnwind(info, &module);
  return module;
}

// dl_iterate_phdr() with a C++ callable that returns true to go on.
template <typename Visit>
void ForEachModule(Visit visit) {
  dl_iterate_phdr([](dl_phdr_info* info, size_t,
                     void* data) { return (*static_cast<Visit*>(data))(*info) ? 0 : 1; },
                  &visit);
}

}  // namespace

LoaderCounts ReadLoaderCounts() {
  LoaderCounts counts;
  ForEachModule([&counts](const dl_phdr_info& info) {
    counts = {info.dlpi_adds, info.dlpi_subs};
    return false;
  });
  return counts;
}

std::vector<LoadedModule> ListModules(LoaderCounts* counts) {
  std::vector<LoadedModule> modules;
  ForEachModule([&](const dl_phdr_info& info) {
    *counts = {info.dlpi_adds, info.dlpi_subs};
    const LoadedModule module = Describe(info);
    if (module.code_begin < module.code_end) modules.push_back(module);
    return true;
  });
  std::sort(modules.begin(), modules.end(), [](const LoadedModule& a, const LoadedModule& b) {
    return a.code_begin < b.code_begin;
  });
  return modules;
}

bool CopyUnwindBytes(const LoadedModule& module, std::vector<uint8_t>* bytes) {
  bool found = false;
  bytes->reserve(module.unwind_end - module.unwind_begin);
  ForEachModule([&](const dl_phdr_info& info) {
    found = Describe(info) == module;
    if (found) bytes->assign(AsBytes(module.unwind_begin), AsBytes(module.unwind_end));
    return !found;
  });
  return found;
}

}  // namespace stacksampler::unwind
