// SPDX-License-Identifier: MIT
#include "sampler/symbolize/long_symbol.h"

#include <cstddef>

#include "sampler/symbolize/short_name.h"

namespace stacksampler::symbolize {
namespace {

constexpr std::string_view kAnonymous = "_GLOBAL__N_";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads what a mangled name begins with: the Itanium C++ ABI, 5.1.2.
class ScopeReader {
 public:
  explicit ScopeReader(std::string_view mangled) : rest_(mangled) {}

  // "a::b::c"; "" when there is nothing that has a name.
  std::string Names() {
    while (Skip("Z")) continue;  // within a function: its name comes first
    const bool nested = Skip("N");
    while (nested && (Skip("K") || Skip("V") || Skip("r") || Skip("R") || Skip("O"))) continue;
    if (Skip("St")) Add("std");
    while (AddSourceName() && nested) continue;
    return std::move(names_);
  }
  // What Names() has not read.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  bool Skip(std::string_view mark) {
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }

  void Add(std::string_view name) {
    if (!names_.empty()) names_ += "::";
    names_ += name;
  }

  // Its length in decimal, then the name.
  bool AddSourceName() {
    size_t length = 0;
    size_t digits = 0;
    while (digits < rest_.size() && IsDigit(rest_[digits]) && length < rest_.size()) {
      length = 10 * length + static_cast<size_t>(rest_[digits++] - '0');
    }
    if (length == 0 || length > rest_.size() - digits) return false;
    const std::string_view name = rest_.substr(digits, length);
    Add(name.starts_with(kAnonymous) ? "(anonymous namespace)" : name);
    rest_.remove_prefix(digits + length);
    return true;
  }

  std::string_view rest_;
  std::string names_;
};

}  // namespace

std::string NameOfLongSymbol(std::string_view symbol) {
  if (symbol.size() <= kMaxShownCharacters) return std::string(symbol);
  ScopeReader reader(symbol.substr(2));
  const std::string names = reader.Names();
  if (!names.empty()) return names + '<' + Tag(reader.rest()) + '>';
  std::string tag = Tag(symbol);
  return std::string(symbol.substr(0, kMaxShownCharacters - tag.size())) + tag;
}

}  // namespace stacksampler::symbolize
