// SPDX-License-Identifier: MIT
#include "sampler/symbolize/scope_index.h"

#include <dwarf.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace stacksampler::symbolize {
namespace {

constexpr size_t kMaxScopes = size_t{1} << 20;    // of one unit, 40 bytes each
constexpr size_t kMaxEntries = size_t{16} << 20;  // visited in one unit
constexpr size_t kMaxDepth = 512;                 // of entries in entries

struct Interval {
  uint64_t start;
  uint64_t end;
  ScopeId scope;
};

// One begin or end of an interval.
struct Edge {
  uint64_t address;
  ScopeId scope;
  bool begins;
};

// Functions are found in these alone.
bool MayHoldCode(int tag) {
  switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
      return true;
    default:
      return false;
  }
}

// Part of the names of the functions declared in it. REQUIRES: MayHoldCode(tag).
bool IsContainer(int tag) {
  return tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block &&
         tag != DW_TAG_try_block && tag != DW_TAG_catch_block;
}

bool IsType(int tag) {
  return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

// In these languages' types functions are declared alone, closures aside, and most entries stand in
// types: the walk is shorter by what it does not look into.
bool TypesHoldNoCode(int language) {
  switch (language) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case 0x2b:  // DW_LANG_C_plus_plus_17 and _20, which older headers do not know
    case 0x2c:
    case DW_LANG_C89:
    case DW_LANG_C99:
    case DW_LANG_C11:
      return true;
    default:
      return false;
  }
}

uint32_t DistanceOf(const Dwarf_Die& die, const Dwarf_Die& unit) {
  return static_cast<uint32_t>(static_cast<const char*>(die.addr) -
                               static_cast<const char*>(unit.addr));
}

class UnitWalk {
 public:
  UnitWalk(const LibDw& libdw, Dwarf_Die unit)
      : libdw_(libdw), unit_(unit), skips_types_(TypesHoldNoCode(libdw.dwarf_srclang(&unit))) {}

  void Run() {
    Descend(&unit_, {{}, kNoScope, kNoPlace, false});
    for (size_t visited = 0; !levels_.empty() && visited < kMaxEntries; ++visited) {
      Level level = levels_.back();
      const bool is_last = libdw_.dwarf_siblingof(&level.die, &levels_.back().die) != 0;
      if (is_last) levels_.pop_back();
      const int tag = libdw_.dwarf_tag(&level.die);
      if (!MayHoldCode(tag)) continue;
      const uint32_t distance = DistanceOf(level.die, unit_);
      uint32_t place = level.place;
      if (IsContainer(tag)) {
        NoteDeclaration(place, distance);
        if (!is_last && IsType(tag) && HoldsNoCode(&level)) {
          const uint32_t end = DistanceOf(levels_.back().die, unit_) - 1;
          containers.push_back({distance, end, Record(place), /*walked=*/false});
          continue;
        }
        place = AddPlace(place, distance);
      }
      const bool in_function = level.in_function || tag == DW_TAG_subprogram;
      Descend(&level.die, {{}, Enter(tag, &level), place, in_function});
    }
  }

  std::vector<Scope> scopes;
  std::vector<Container> containers;
  std::vector<Interval> intervals;

 private:
  struct Level {
    Dwarf_Die die;  // next entry to visit
    ScopeId scope;  // that holds it
    uint32_t place;
    bool in_function;
  };

  // A container on the way to the current entry. It is worth an entry in `containers` with the
  // first function or type in it.
  struct Place {
    uint32_t distance;
    uint32_t outer;      // index into places_
    uint32_t container;  // index into containers
  };
  static constexpr uint32_t kNoPlace = 0xffffffff;

  uint32_t AddPlace(uint32_t outer, uint32_t distance) {
    // What does not enclose the new one will not be asked for again.
    places_.resize(outer == kNoPlace ? 0 : outer + 1);
    places_.push_back({distance, outer, kNoContainer});
    return static_cast<uint32_t>(places_.size() - 1);
  }

  void NoteDeclaration(uint32_t place, uint32_t distance) {
    if (place == kNoPlace) return;
    Record(place);
    for (uint32_t at = place; at != kNoPlace; at = places_[at].outer) {
      containers[places_[at].container].end = distance;
    }
  }

  uint32_t Record(uint32_t place) {
    if (place == kNoPlace) return kNoContainer;
    if (places_[place].container != kNoContainer) return places_[place].container;
    const uint32_t outer = Record(places_[place].outer);
    containers.push_back(
        {places_[place].distance, places_[place].distance, outer, /*walked=*/true});
    return places_[place].container = static_cast<uint32_t>(containers.size() - 1);
  }

  void Descend(Dwarf_Die* die, Level level) {
    if (levels_.size() < kMaxDepth && libdw_.dwarf_child(die, &level.die) == 0) {
      levels_.push_back(level);
    }
  }

  // A closure holds its function; so may what is declared in a function.
  bool HoldsNoCode(Level* type) {
    if (!skips_types_ || type->in_function) return false;
    const char* name = libdw_.dwarf_diename(&type->die);
    return name != nullptr && name[0] != '<' && name[0] != '.';
  }

  // Adds the scope that the entry begins. Returns the one that holds its children.
  ScopeId Enter(int tag, Level* level) {
    const bool is_function = tag == DW_TAG_subprogram;
    if (!is_function && tag != DW_TAG_inlined_subroutine) return level->scope;
    const ScopeId outer = is_function ? kNoScope : level->scope;
    if (scopes.size() == kMaxScopes || !AddRanges(&level->die)) return outer;
    scopes.push_back({level->die, outer});
    return static_cast<ScopeId>(scopes.size() - 1);
  }

  bool AddRanges(Dwarf_Die* die) {
    const size_t before = intervals.size();
    ptrdiff_t offset = 0;
    Dwarf_Addr base = 0;
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    while ((offset = libdw_.dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
      // The linker sets functions that it drops to address 0.
      if (start != 0 && start < end) {
        intervals.push_back({start, end, static_cast<ScopeId>(scopes.size())});
      }
    }
    return intervals.size() != before;
  }

  const LibDw& libdw_;
  Dwarf_Die unit_;
  bool skips_types_;
  std::vector<Level> levels_;
  std::vector<Place> places_;
};

std::vector<Edge> SortedEdges(const std::vector<Interval>& intervals) {
  std::vector<Edge> edges;
  edges.reserve(intervals.size() * 2);
  for (const Interval& interval : intervals) {
    edges.push_back({interval.start, interval.scope, true});
    edges.push_back({interval.end, interval.scope, false});
  }
  // Begins first, so that an end always finds its begin.
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return a.address != b.address ? a.address < b.address : a.begins > b.begins;
  });
  return edges;
}

}  // namespace

ScopeIndex::ScopeIndex(const LibDw& libdw, Dwarf_Die unit) : libdw_(libdw), unit_(unit) {
  UnitWalk walk(libdw, unit);
  walk.Run();
  scopes_ = std::move(walk.scopes);
  containers_ = std::move(walk.containers);
  scopes_.shrink_to_fit();
  containers_.shrink_to_fit();

  // Of the scopes that hold an address the innermost was entered last, and so has the highest id.
  std::multiset<ScopeId> open;
  const std::vector<Edge> edges = SortedEdges(walk.intervals);
  for (size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].begins) {
      open.insert(edges[i].scope);
    } else {
      open.erase(open.find(edges[i].scope));
    }
    if (i + 1 < edges.size() && edges[i + 1].address == edges[i].address) continue;
    const ScopeId innermost = open.empty() ? kNoScope : *open.rbegin();
    if (spans_.empty() || spans_.back().scope != innermost) {
      spans_.push_back({edges[i].address, innermost});
    }
  }
  spans_.shrink_to_fit();
}

std::vector<Dwarf_Die> ScopeIndex::ContainersOf(const Dwarf_Die& die) const {
  std::vector<Dwarf_Die> found;
  const uint32_t distance = DistanceOf(die, unit_);
  const auto next = std::lower_bound(containers_.begin(), containers_.end(), distance,
                                     [](const Container& c, uint32_t d) { return c.begin < d; });
  if (next == containers_.begin()) return found;
  auto at = static_cast<uint32_t>(next - containers_.begin() - 1);
  for (; at != kNoContainer; at = containers_[at].outer) {
    if (containers_[at].end < distance) continue;
    Dwarf_Die container{};
    container.addr = static_cast<char*>(unit_.addr) + containers_[at].begin;
    container.cu = unit_.cu;
    if (!containers_[at].walked) found = ContainersInside(container, die);
    found.push_back(container);
  }
  return found;
}

// Of the entries in a container the last one that does not lie behind `die` holds it.
std::vector<Dwarf_Die> ScopeIndex::ContainersInside(Dwarf_Die container,
                                                    const Dwarf_Die& die) const {
  std::vector<Dwarf_Die> found;  // innermost first
  Dwarf_Die child{};
  for (size_t depth = 0; depth < kMaxDepth; ++depth) {
    if (libdw_.dwarf_child(&container, &child) != 0) break;
    Dwarf_Die holder = child;
    while (libdw_.dwarf_siblingof(&child, &child) == 0 && child.addr <= die.addr) holder = child;
    if (holder.addr >= die.addr) break;
    found.insert(found.begin(), holder);
    container = holder;
  }
  return found;
}

ScopeId ScopeIndex::Find(uint64_t address) const {
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), address,
                                     [](uint64_t a, const Span& span) { return a < span.start; });
  return next == spans_.begin() ? kNoScope : std::prev(next)->scope;
}

}  // namespace stacksampler::symbolize
