// SPDX-License-Identifier: MIT
//
// Purpose: libdw's functions, found at run time: a program that links the sampler needs no libdw,
//   and one that never asks for names never loads it.
// Thread safety: OpenLibDw is; libdw itself wants one thread at a time per handle.
// Signal safety: not async-signal-safe.
// Errors: null where the library is missing or too old, and in programs that are linked statically.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_LIBDW_CALLS_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_LIBDW_CALLS_H_

#include <elfutils/libdw.h>

namespace stacksampler::symbolize {

struct LibDw {
  decltype(&::elf_version) elf_version = nullptr;
  decltype(&::elf_memory) elf_memory = nullptr;
  decltype(&::elf_end) elf_end = nullptr;
  decltype(&::dwarf_begin_elf) dwarf_begin_elf = nullptr;
  decltype(&::dwarf_end) dwarf_end = nullptr;
  decltype(&::dwarf_get_units) dwarf_get_units = nullptr;
  decltype(&::dwarf_cu_info) dwarf_cu_info = nullptr;
  decltype(&::dwarf_child) dwarf_child = nullptr;
  decltype(&::dwarf_siblingof) dwarf_siblingof = nullptr;
  decltype(&::dwarf_tag) dwarf_tag = nullptr;
  decltype(&::dwarf_ranges) dwarf_ranges = nullptr;
  decltype(&::dwarf_attr) dwarf_attr = nullptr;
  decltype(&::dwarf_attr_integrate) dwarf_attr_integrate = nullptr;
  decltype(&::dwarf_formstring) dwarf_formstring = nullptr;
  decltype(&::dwarf_formref_die) dwarf_formref_die = nullptr;
  decltype(&::dwarf_diename) dwarf_diename = nullptr;
  decltype(&::dwarf_getscopes_die) dwarf_getscopes_die = nullptr;
  decltype(&::dwarf_formudata) dwarf_formudata = nullptr;
  decltype(&::dwarf_getsrcfiles) dwarf_getsrcfiles = nullptr;
  decltype(&::dwarf_filesrc) dwarf_filesrc = nullptr;
  decltype(&::dwarf_decl_line) dwarf_decl_line = nullptr;
  decltype(&::dwarf_getsrclines) dwarf_getsrclines = nullptr;
  decltype(&::dwarf_getsrc_die) dwarf_getsrc_die = nullptr;
  decltype(&::dwarf_lineno) dwarf_lineno = nullptr;
  decltype(&::dwarf_linesrc) dwarf_linesrc = nullptr;
  decltype(&::dwarf_srclang) dwarf_srclang = nullptr;
  decltype(&::dwarf_cu_getdwarf) dwarf_cu_getdwarf = nullptr;
  decltype(&::dwarf_getelf) dwarf_getelf = nullptr;
  decltype(&::elf_rawfile) elf_rawfile = nullptr;
};

/// Loads the library with the first call; it stays loaded.
const LibDw* OpenLibDw();

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_LIBDW_CALLS_H_
