// SPDX-License-Identifier: MIT
#include "sampler/symbolize/shown_name.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/demangle.h"
#include "sampler/symbolize/declaration_name.h"
#include "sampler/symbolize/long_symbol.h"
#include "sampler/symbolize/short_name.h"

namespace stacksampler::symbolize {
namespace {

// Beyond this they are forgotten as a whole, and made again when asked for.
constexpr size_t kMaxShownNames = size_t{1} << 15;  // about 0.3 KiB each

constexpr size_t npos = std::string_view::npos;

// ---- What linker and compiler put behind a symbol.

// "@@GLIBC_2.34", "@plt".
std::string_view WithoutVersion(std::string_view symbol) {
  const size_t at = symbol.find('@');
  return at == 0 ? symbol : symbol.substr(0, at);
}

// Length of the suffix that marks a copy or a part of a function that the compiler made: ".cold",
// ".isra.0". Other dots belong to the name: Go writes main.main.
size_t CloneSuffixLength(std::string_view symbol) {
  static constexpr std::array<std::string_view, 2> kBare = {".cold", ".localalias"};
  static constexpr std::array<std::string_view, 8> kNumbered = {
      ".constprop.", ".isra.",       ".part.",  ".cold.",
      ".lto_priv.",  ".localalias.", ".clone.", ".llvm."};
  for (const std::string_view mark : kBare) {
    if (symbol.size() > mark.size() && symbol.ends_with(mark)) return mark.size();
  }
  const std::string_view stem = symbol.substr(0, symbol.find_last_not_of("0123456789") + 1);
  if (stem.size() == symbol.size()) return 0;
  for (const std::string_view mark : kNumbered) {
    if (stem.size() > mark.size() && stem.ends_with(mark)) {
      return mark.size() + (symbol.size() - stem.size());
    }
  }
  return 0;
}

std::string_view WithoutClones(std::string_view symbol) {
  while (const size_t length = CloneSuffixLength(symbol)) symbol.remove_suffix(length);
  return symbol;
}

// ---- The whole.

// std::string's "[abi:cxx11]".
void EraseAbiTags(std::string* text) {
  for (size_t begin = 0; (begin = text->find("[abi:", begin)) != npos;) {
    const size_t end = text->find(']', begin);
    if (end == npos) return;
    text->erase(begin, end + 1 - begin);
  }
}

// Length of the demangler's own words before a declaration, 0 when there are none.
size_t PhraseLength(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kPhrases = {
      "non-virtual thunk to ",  "virtual thunk to ",          "covariant return thunk to ",
      "guard variable for ",    "TLS init function for ",     "TLS wrapper function for ",
      "transaction clone for ", "non-transaction clone for ", "hidden alias for "};
  for (const std::string_view phrase : kPhrases) {
    if (text.starts_with(phrase)) return phrase.size();
  }
  return 0;
}

// "vtable for X" and its kin name types, which are no declarations.
bool NamesType(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kPhrases = {"vtable for ",
                                                               "VTT for ",
                                                               "typeinfo for ",
                                                               "typeinfo name for ",
                                                               "construction vtable for ",
                                                               "reference temporary #"};
  for (const std::string_view phrase : kPhrases) {
    if (text.starts_with(phrase)) return true;
  }
  return false;
}

}  // namespace

std::string ShownName(const std::string& symbol) {
  const std::string_view trimmed = WithoutClones(WithoutVersion(symbol));
  if (!trimmed.starts_with("_Z")) return std::string(trimmed);
  const size_t mangled_size = std::min(trimmed.find('.'), trimmed.size());
  const std::string_view mangled = trimmed.substr(0, mangled_size);
  // Other suffixes tell functions apart: ".avx2", "._omp_fn.0".
  const std::string suffix(trimmed.substr(mangled_size));
  std::string text = Demangle(std::string(mangled));
  if (text.empty()) return NameOfLongSymbol(mangled) + suffix;
  EraseAbiTags(&text);
  if (NamesType(text)) return ShortName(text);
  const size_t phrase = PhraseLength(text);
  const std::string name = DeclarationName(std::string_view(text).substr(phrase));
  if (name.empty()) return ShortName(text);
  return text.substr(0, phrase) + ShortName(name) + suffix;
}

const std::string& ShownNames::Of(const std::string& symbol) {
  const auto [known, added] = names_.try_emplace(symbol);
  if (added) known->second = ShownName(symbol);
  return known->second;
}

void ShownNames::Trim() {
  if (names_.size() >= kMaxShownNames) names_.clear();
}

}  // namespace stacksampler::symbolize
