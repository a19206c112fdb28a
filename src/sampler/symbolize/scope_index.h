// SPDX-License-Identifier: MIT
//
// Purpose: which function, and which calls inlined into it, hold an address of one compile unit:
//   one walk over the unit's entries, then a binary search per address or entry. (libdw's own way
//   walks them for each address.)
// Invariant: a caller's id is smaller than that of what is inlined into it.
// Thread safety: immutable.
// Signal safety: not async-signal-safe.
// Errors: what is damaged or beyond a bound is left out.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SCOPE_INDEX_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SCOPE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/symbolize/libdw_calls.h"

namespace stacksampler::symbolize {

using ScopeId = uint32_t;
inline constexpr ScopeId kNoScope = 0xffffffff;

/// A namespace, class or function that others are declared in: their entries lie behind its own.
struct Container {
  uint32_t begin;  // its entry, from the unit's
  uint32_t end;    // the last entry declared in it
  uint32_t outer;  // kNoContainer: the unit
  bool walked;     // else there may be more containers in it
};
inline constexpr uint32_t kNoContainer = 0xffffffff;

/// A function with code of its own, or a call that was inlined.
struct Scope {
  Dwarf_Die die;
  ScopeId caller = kNoScope;  // kNoScope: not inlined
};

class ScopeIndex {
 public:
  /// `unit` is the root entry of a compile unit of a handle that must outlive the index.
  ScopeIndex(const LibDw& libdw, Dwarf_Die unit);

  /// The innermost scope that holds the link-time address, or kNoScope.
  [[nodiscard]] ScopeId Find(uint64_t address) const;
  [[nodiscard]] size_t bytes() const {
    return scopes_.size() * sizeof(Scope) + spans_.size() * sizeof(Span) +
           containers_.size() * sizeof(Container);
  }
  [[nodiscard]] const Scope& Get(ScopeId id) const { return scopes_[id]; }
  /// Entries of what `die`, a function of this unit, is declared in, innermost first.
  [[nodiscard]] std::vector<Dwarf_Die> ContainersOf(const Dwarf_Die& die) const;

 private:
  std::vector<Dwarf_Die> ContainersInside(Dwarf_Die container, const Dwarf_Die& die) const;

  struct Span {
    uint64_t start;  // up to the next span
    ScopeId scope;
  };
  const LibDw& libdw_;
  std::vector<Scope> scopes_;
  std::vector<Span> spans_;            // sorted by start
  std::vector<Container> containers_;  // sorted by begin
  Dwarf_Die unit_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SCOPE_INDEX_H_
