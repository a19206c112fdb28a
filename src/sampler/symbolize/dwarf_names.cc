// SPDX-License-Identifier: MIT
#include "sampler/symbolize/dwarf_names.h"

#include <dwarf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "sampler/symbolize/build_root.h"
#include "sampler/symbolize/libdw_calls.h"
#include "sampler/symbolize/scope_index.h"
#include "sampler/symbolize/source_lines.h"

namespace stacksampler::symbolize {
namespace {

constexpr size_t kMaxUnits = size_t{1} << 20;  // listed per file, 24 bytes per range
constexpr int kMaxOriginSteps = 16;            // from a call to the declaration of what it calls

// Part of a compile unit's code.
struct UnitRange {
  uint64_t start;
  uint64_t end;
  Dwarf_CU* unit;
};

// A compile unit that was asked for.
struct Unit {
  Dwarf_Die root;          // has the table of lines
  ScopeIndex index;        // of its .dwo file where it is split
  bool has_lines = false;  // the table was read
};

// libdw opens .dwo files itself, and maps them: this puts a copy where the mapping is, so that a
// compiler that rewrites the file cannot end the process.
void CopyOverMapping(const LibDw& libdw, Dwarf_CU* split_unit) {
  size_t size = 0;
  char* image = libdw.elf_rawfile(libdw.dwarf_getelf(libdw.dwarf_cu_getdwarf(split_unit)), &size);
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (image == nullptr || reinterpret_cast<uintptr_t>(image) % page != 0) return;  // was read
  const size_t pages = (size + page - 1) / page * page;
  void* copy = mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return;
  std::memcpy(copy, image, size);
  if (mremap(copy, pages, pages, MREMAP_MAYMOVE | MREMAP_FIXED, image) == MAP_FAILED) {
    munmap(copy, pages);
  }
}

}  // namespace

class DwarfNames::Impl {
 public:
  Impl(const LibDw& libdw, ElfFile* file, Elf* elf, Dwarf* dwarf)
      : libdw_(libdw), file_(file), elf_(elf), dwarf_(dwarf) {
    ListUnits();
  }
  ~Impl() {
    libdw_.dwarf_end(dwarf_);
    libdw_.elf_end(elf_);
    file_->DropDebugInfo();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::vector<DwarfFrame> Frames(uint64_t address, Lines lines);
  size_t index_bytes() const { return index_bytes_; }

 private:
  void ListUnits();
  void AddToRoot(Dwarf_Die* unit);
  Unit* UnitOf(uint64_t address);
  Unit* Read(Dwarf_CU* unit);
  SourceLine RunningLine(Unit* unit, uint64_t address);
  const DwarfFrame& Function(Dwarf_Die die);
  DwarfFrame Describe(Dwarf_Die die);
  std::string QualifiedName(Dwarf_Die die);
  std::vector<Dwarf_Die> ContainersOf(Dwarf_Die die);
  Dwarf_Die Declaration(Dwarf_Die die);
  std::string ScopeName(Dwarf_Die* scope);

  const LibDw& libdw_;
  ElfFile* file_;
  Elf* elf_;
  Dwarf* dwarf_;
  std::vector<UnitRange> ranges_;  // sorted by start
  BuildRoot root_;                 // of all units
  std::unordered_map<Dwarf_CU*, Unit> units_;
  std::unordered_map<Dwarf_CU*, const ScopeIndex*>
      index_of_entries_;  // that unit, or its split one
  size_t index_bytes_ = 0;
  std::unordered_map<void*, DwarfFrame> functions_;  // by the address of the function's entry
};

// Not by .debug_aranges: clang leaves it out, and then libdw finds nothing.
void DwarfNames::Impl::ListUnits() {
  Dwarf_CU* unit = nullptr;
  Dwarf_Die root;
  for (size_t i = 0; i < kMaxUnits; ++i) {
    if (libdw_.dwarf_get_units(dwarf_, unit, &unit, nullptr, nullptr, &root, nullptr) != 0) break;
    AddToRoot(&root);
    ptrdiff_t offset = 0;
    Dwarf_Addr base = 0;
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    while ((offset = libdw_.dwarf_ranges(&root, offset, &base, &start, &end)) > 0) {
      if (start != 0 && start < end) ranges_.push_back({start, end, unit});
    }
  }
  std::sort(ranges_.begin(), ranges_.end(),
            [](const UnitRange& a, const UnitRange& b) { return a.start < b.start; });
}

void DwarfNames::Impl::AddToRoot(Dwarf_Die* unit) {
  Dwarf_Attribute value;
  if (libdw_.dwarf_attr(unit, DW_AT_comp_dir, &value) == nullptr) return;
  const char* directory = libdw_.dwarf_formstring(&value);
  const char* source = libdw_.dwarf_diename(unit);
  if (directory != nullptr) root_.AddUnit(directory, source != nullptr ? source : "");
}

// Null where no unit has the address.
Unit* DwarfNames::Impl::UnitOf(uint64_t address) {
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                [](uint64_t a, const UnitRange& r) { return a < r.start; });
  return range == ranges_.begin() || address >= (--range)->end ? nullptr : Read(range->unit);
}

Unit* DwarfNames::Impl::Read(Dwarf_CU* unit) {
  const auto known = units_.find(unit);
  if (known != units_.end()) return &known->second;
  Dwarf_Die root;
  Dwarf_Die split;  // the same unit in its .dwo file
  uint8_t type = 0;
  if (libdw_.dwarf_cu_info(unit, nullptr, &type, &root, &split, nullptr, nullptr, nullptr) != 0) {
    return nullptr;
  }
  const bool is_split = type == DW_UT_skeleton && libdw_.dwarf_tag(&split) > 0;
  if (is_split) CopyOverMapping(libdw_, split.cu);
  const Dwarf_Die entries = is_split ? split : root;
  Unit& read = units_.emplace(unit, Unit{root, ScopeIndex(libdw_, entries)}).first->second;
  index_of_entries_.emplace(entries.cu, &read.index);
  index_bytes_ += read.index.bytes();
  return &read;
}

SourceLine DwarfNames::Impl::RunningLine(Unit* unit, uint64_t address) {
  if (!unit->has_lines) index_bytes_ += LineTableBytes(libdw_, unit->root);
  unit->has_lines = true;
  return LineAt(libdw_, unit->root, address);
}

std::vector<DwarfFrame> DwarfNames::Impl::Frames(uint64_t address, Lines lines) {
  std::vector<DwarfFrame> frames;
  Unit* unit = UnitOf(address);
  if (unit == nullptr) return frames;
  SourceLine running = lines == Lines::kRunning ? RunningLine(unit, address) : SourceLine();
  const ScopeIndex& index = unit->index;
  for (ScopeId id = index.Find(address); id != kNoScope; id = index.Get(id).caller) {
    Dwarf_Die die = index.Get(id).die;
    frames.push_back(Function(die));
    frames.back().inlined = libdw_.dwarf_tag(&die) == DW_TAG_inlined_subroutine;
    if (running.line != 0) {
      frames.back().file = root_.Without(running.file);
      frames.back().line = running.line;
    }
    if (lines == Lines::kRunning) running = CallSite(libdw_, die);
  }
  return frames;
}

// A function is inlined in many places, each with an entry that leads to the same one.
const DwarfFrame& DwarfNames::Impl::Function(Dwarf_Die die) {
  Dwarf_Attribute value;
  Dwarf_Die origin;
  if (libdw_.dwarf_attr(&die, DW_AT_abstract_origin, &value) != nullptr &&
      libdw_.dwarf_formref_die(&value, &origin) != nullptr) {
    die = origin;
  }
  const auto known = functions_.find(die.addr);
  if (known != functions_.end()) return known->second;
  DwarfFrame function = Describe(die);
  index_bytes_ +=
      sizeof function + function.name.size() + function.linkage_name.size() + function.file.size();
  return functions_.emplace(die.addr, std::move(function)).first->second;
}

DwarfFrame DwarfNames::Impl::Describe(Dwarf_Die die) {
  DwarfFrame frame;
  for (const unsigned attribute : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    Dwarf_Attribute value;
    if (libdw_.dwarf_attr_integrate(&die, attribute, &value) == nullptr) continue;
    const char* name = libdw_.dwarf_formstring(&value);
    if (name != nullptr) frame.linkage_name = name;
  }
  if (frame.linkage_name.empty()) frame.name = QualifiedName(die);
  frame.file = root_.Without(FileOf(libdw_, die, DW_AT_decl_file));
  int line = 0;
  if (libdw_.dwarf_decl_line(&die, &line) == 0 && line > 0)
    frame.line = static_cast<uint32_t>(line);
  return frame;
}

std::string DwarfNames::Impl::QualifiedName(Dwarf_Die die) {
  die = Declaration(die);
  const char* own_name = libdw_.dwarf_diename(&die);
  if (own_name == nullptr) return "";
  std::string name = own_name;
  for (Dwarf_Die& scope : ContainersOf(die)) {
    const std::string scope_name = ScopeName(&scope);
    if (!scope_name.empty()) name.insert(0, scope_name + "::");
  }
  return name;
}

// Innermost first. libdw's own way walks the whole unit for each entry; it is left for units
// without code, which other units refer to.
std::vector<Dwarf_Die> DwarfNames::Impl::ContainersOf(Dwarf_Die die) {
  const auto known = index_of_entries_.find(die.cu);
  if (known != index_of_entries_.end()) return known->second->ContainersOf(die);
  std::vector<Dwarf_Die> containers;
  Dwarf_Die* scopes = nullptr;
  const int count = libdw_.dwarf_getscopes_die(&die, &scopes);
  if (count > 1) containers.assign(scopes + 1, scopes + count);  // 0 is the entry itself
  if (count > 0) std::free(scopes);
  return containers;
}

// The entry that stands where the function was declared.
Dwarf_Die DwarfNames::Impl::Declaration(Dwarf_Die die) {
  for (int step = 0; step < kMaxOriginSteps; ++step) {
    Dwarf_Attribute value;
    Dwarf_Die origin;
    if ((libdw_.dwarf_attr(&die, DW_AT_abstract_origin, &value) == nullptr &&
         libdw_.dwarf_attr(&die, DW_AT_specification, &value) == nullptr) ||
        libdw_.dwarf_formref_die(&value, &origin) == nullptr) {
      break;
    }
    die = origin;
  }
  return die;
}

std::string DwarfNames::Impl::ScopeName(Dwarf_Die* scope) {
  switch (libdw_.dwarf_tag(scope)) {
    case DW_TAG_namespace:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_subprogram: {
      const char* name = libdw_.dwarf_diename(scope);
      if (name != nullptr) return name;
      return libdw_.dwarf_tag(scope) == DW_TAG_namespace ? "(anonymous namespace)" : "";
    }
    default:
      return "";
  }
}

DwarfNames::DwarfNames(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DwarfNames::~DwarfNames() = default;

std::unique_ptr<DwarfNames> DwarfNames::Open(ElfFile* file) {
  const LibDw* libdw = file->HasDebugInfo() ? OpenLibDw() : nullptr;
  char* image = libdw != nullptr ? file->LoadDebugInfo() : nullptr;
  if (image == nullptr) return nullptr;
  Elf* elf = libdw->elf_memory(image, file->image_bytes());
  if (elf == nullptr) return nullptr;
  Dwarf* dwarf = libdw->dwarf_begin_elf(elf, DWARF_C_READ, nullptr);
  if (dwarf == nullptr) {
    libdw->elf_end(elf);
    file->DropDebugInfo();
    return nullptr;
  }
  return std::unique_ptr<DwarfNames>(
      new DwarfNames(std::make_unique<Impl>(*libdw, file, elf, dwarf)));
}

std::vector<DwarfFrame> DwarfNames::Frames(uint64_t address, Lines lines) {
  return impl_->Frames(address, lines);
}

size_t DwarfNames::index_bytes() const { return impl_->index_bytes(); }

}  // namespace stacksampler::symbolize
