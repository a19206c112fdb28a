// SPDX-License-Identifier: MIT
#include <backtrace.h>
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <cstring>

#include "methods.h"

namespace stacksampler::bench {
namespace {

void Ignore(void* /*data*/, const char* /*message*/, int /*error*/) {}

int OnFrame(void* data, uintptr_t /*pc*/, const char* file, int /*line*/, const char* function) {
  auto* found = static_cast<Found*>(data);
  ++found->frames;
  if (file != nullptr) ++found->lines;
  if (function != nullptr) found->shown += std::strlen(function);
  return 0;
}

void OnSymbol(void* data, uintptr_t /*pc*/, const char* name, uintptr_t /*value*/,
              uintptr_t /*size*/) {
  auto* found = static_cast<Found*>(data);
  if (name == nullptr) return;
  ++found->named;
  ++found->frames;
  ++found->shown;
}

}  // namespace

Found Dladdr(const Subject& subject) {
  Found found;
  for (const uintptr_t address : subject.addresses) {
    Dl_info info;
    if (dladdr(reinterpret_cast<void*>(address), &info) == 0 || info.dli_sname == nullptr) continue;
    ++found.named;
    ++found.frames;
    ++found.shown;
  }
  return found;
}

Found LibbacktraceSymbols(const Subject& subject) {
  Found found;
  backtrace_state* state = backtrace_create_state(nullptr, 0, Ignore, nullptr);
  for (const uintptr_t address : subject.addresses) {
    backtrace_syminfo(state, address, OnSymbol, Ignore, &found);
  }
  return found;
}

Found LibbacktraceFrames(const Subject& subject) {
  Found found;
  backtrace_state* state = backtrace_create_state(nullptr, 0, Ignore, nullptr);
  for (const uintptr_t address : subject.addresses) {
    const size_t before = found.frames;
    backtrace_pcinfo(state, address, OnFrame, Ignore, &found);
    if (found.frames != before) ++found.named;
  }
  return found;
}

Found LibdwSymbols(const Subject& subject) {
  Found found;
  Dwfl_Callbacks callbacks{};
  callbacks.find_elf = dwfl_linux_proc_find_elf;
  callbacks.find_debuginfo = dwfl_standard_find_debuginfo;
  Dwfl* dwfl = dwfl_begin(&callbacks);
  dwfl_linux_proc_report(dwfl, getpid());
  dwfl_report_end(dwfl, nullptr, nullptr);
  for (const uintptr_t address : subject.addresses) {
    Dwfl_Module* module = dwfl_addrmodule(dwfl, address);
    if (module == nullptr || dwfl_module_addrname(module, address) == nullptr) continue;
    ++found.named;
    ++found.frames;
    ++found.shown;
  }
  dwfl_end(dwfl);
  return found;
}

}  // namespace stacksampler::bench
