// SPDX-License-Identifier: MIT
#include "sampler/symbolize/function_table.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>

namespace stacksampler::symbolize {
namespace {

constexpr size_t kMaxFunctions = size_t{4} << 20;  // 24 bytes each
constexpr int kMaxOverlap = 16;  // functions that may begin inside another one before an address

struct Candidate {
  Elf64_Sym symbol;
  const char* name;
  uint64_t section_end;
};

// Assembler labels have no type; the aarch64 ones that begin with '$' mark data and code.
bool IsFunction(const Elf64_Sym& symbol, const char* name, const Elf64_Shdr& section) {
  if ((section.sh_flags & SHF_EXECINSTR) == 0 || name[0] == '\0') return false;
  switch (ELF64_ST_TYPE(symbol.st_info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return true;
    case STT_NOTYPE:
      return name[0] != '$' && name[0] != '.';
    default:
      return false;
  }
}

std::vector<Candidate> ReadCandidates(const ElfFile& file, const Elf64_Shdr& table) {
  const std::string_view symbols = file.SectionBytes(table);
  const std::string_view names = file.StringTable(table.sh_link);
  std::vector<Candidate> candidates;
  for (size_t i = 0; i + sizeof(Elf64_Sym) <= symbols.size() && candidates.size() < kMaxFunctions;
       i += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, symbols.data() + i, sizeof symbol);
    if (symbol.st_name >= names.size() || symbol.st_shndx == SHN_UNDEF ||
        symbol.st_shndx >= file.sections().size()) {
      continue;
    }
    const Elf64_Shdr& section = file.sections()[symbol.st_shndx];
    const char* name = names.data() + symbol.st_name;
    const uint64_t offset = symbol.st_value - section.sh_addr;
    if (offset < section.sh_size && IsFunction(symbol, name, section)) {
      candidates.push_back({symbol, name, symbol.st_value + (section.sh_size - offset)});
    }
  }
  return candidates;
}

size_t LeadingUnderscores(std::string_view name) {
  return name.substr(0, 2) == "_Z" ? 0 : std::min(name.find_first_not_of('_'), name.size());
}

// Of the names of one address comes first which a reader knows best: a function before a label, a
// visible name before a local one, qsort before __qsort. The rest makes the order total.
auto Preference(const Candidate& candidate) {
  const std::string_view name = candidate.name;
  const unsigned binding = ELF64_ST_BIND(candidate.symbol.st_info);
  return std::make_tuple(ELF64_ST_TYPE(candidate.symbol.st_info) == STT_NOTYPE,
                         binding == STB_LOCAL, LeadingUnderscores(name), binding == STB_WEAK,
                         name.size(), name);
}

void Sort(std::vector<Candidate>* candidates) {
  std::sort(candidates->begin(), candidates->end(), [](const Candidate& a, const Candidate& b) {
    if (a.symbol.st_value != b.symbol.st_value) return a.symbol.st_value < b.symbol.st_value;
    return Preference(a) < Preference(b);
  });
}

// Leaves the preferred one per address, with the size of the largest. REQUIRES: sorted.
void MergeAliases(std::vector<Candidate>* candidates) {
  size_t kept = 0;
  for (const Candidate& candidate : *candidates) {
    if (kept != 0 && (*candidates)[kept - 1].symbol.st_value == candidate.symbol.st_value) {
      Elf64_Sym& first = (*candidates)[kept - 1].symbol;
      first.st_size = std::max(first.st_size, candidate.symbol.st_size);
    } else {
      (*candidates)[kept++] = candidate;
    }
  }
  candidates->erase(candidates->begin() + static_cast<ptrdiff_t>(kept), candidates->end());
}

}  // namespace

FunctionTable::FunctionTable(const ElfFile& file, uint32_t section_type) {
  const Elf64_Shdr* table = file.FindSection(section_type);
  if (table == nullptr || table->sh_entsize != sizeof(Elf64_Sym)) return;
  std::vector<Candidate> candidates = ReadCandidates(file, *table);
  Sort(&candidates);
  MergeAliases(&candidates);

  uint64_t covered = 0;  // end of what functions of a known size have covered so far
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Elf64_Sym& symbol = candidates[i].symbol;
    const uint64_t section_end = candidates[i].section_end;
    uint64_t end = section_end;
    if (symbol.st_size != 0) {
      end = symbol.st_value + std::min(symbol.st_size, section_end - symbol.st_value);
      covered = std::max(covered, end);
    } else if (symbol.st_value < covered) {
      continue;  // a label within a function
    } else if (i + 1 < candidates.size()) {
      end = std::min(section_end, candidates[i + 1].symbol.st_value);
    }
    functions_.push_back({symbol.st_value, end, candidates[i].name});
  }
}

const FunctionSymbol* FunctionTable::Find(uint64_t address) const {
  auto it = std::upper_bound(functions_.begin(), functions_.end(), address,
                             [](uint64_t a, const FunctionSymbol& f) { return a < f.address; });
  for (int step = 0; step < kMaxOverlap && it != functions_.begin(); ++step) {
    --it;
    if (address < it->end) return &*it;
  }
  return nullptr;
}

}  // namespace stacksampler::symbolize
