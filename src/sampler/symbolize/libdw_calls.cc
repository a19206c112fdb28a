// SPDX-License-Identifier: MIT
#include "sampler/symbolize/libdw_calls.h"

#include "sampler/symbolize/optional_library.h"

namespace stacksampler::symbolize {
namespace {

constexpr char kLibrary[] = "libdw.so.1";

// libelf's functions are found through libdw, which depends on it.
bool FindAll(const OptionalLibrary& library, LibDw* calls) {
#define STACKSAMPLER_FIND(name) library.Find(#name, &calls->name)
  return STACKSAMPLER_FIND(elf_version) && STACKSAMPLER_FIND(elf_memory) &&
         STACKSAMPLER_FIND(elf_end) && STACKSAMPLER_FIND(dwarf_begin_elf) &&
         STACKSAMPLER_FIND(dwarf_end) && STACKSAMPLER_FIND(dwarf_get_units) &&
         STACKSAMPLER_FIND(dwarf_cu_info) && STACKSAMPLER_FIND(dwarf_child) &&
         STACKSAMPLER_FIND(dwarf_siblingof) && STACKSAMPLER_FIND(dwarf_tag) &&
         STACKSAMPLER_FIND(dwarf_ranges) && STACKSAMPLER_FIND(dwarf_attr) &&
         STACKSAMPLER_FIND(dwarf_attr_integrate) && STACKSAMPLER_FIND(dwarf_formstring) &&
         STACKSAMPLER_FIND(dwarf_formref_die) && STACKSAMPLER_FIND(dwarf_diename) &&
         STACKSAMPLER_FIND(dwarf_getscopes_die) && STACKSAMPLER_FIND(dwarf_formudata) &&
         STACKSAMPLER_FIND(dwarf_getsrcfiles) && STACKSAMPLER_FIND(dwarf_filesrc) &&
         STACKSAMPLER_FIND(dwarf_decl_line) && STACKSAMPLER_FIND(dwarf_srclang) &&
         STACKSAMPLER_FIND(dwarf_getsrclines) && STACKSAMPLER_FIND(dwarf_getsrc_die) &&
         STACKSAMPLER_FIND(dwarf_lineno) && STACKSAMPLER_FIND(dwarf_linesrc) &&
         STACKSAMPLER_FIND(dwarf_cu_getdwarf) && STACKSAMPLER_FIND(dwarf_getelf) &&
         STACKSAMPLER_FIND(elf_rawfile);
#undef STACKSAMPLER_FIND
}

}  // namespace

const LibDw* OpenLibDw() {
  static LibDw calls;
  static const bool kFound = [] {
    const OptionalLibrary library(kLibrary);
    return FindAll(library, &calls) && calls.elf_version(EV_CURRENT) != EV_NONE;
  }();
  return kFound ? &calls : nullptr;
}

}  // namespace stacksampler::symbolize
