// SPDX-License-Identifier: MIT
//
// Only templates of a fixed number of arguments stand here: of std::tuple's the last one says
// something even where it is an allocator.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sampler/symbolize/cxx_text.h"
#include "sampler/symbolize/short_name.h"

namespace stacksampler::symbolize {
namespace {

constexpr int kMaxNesting = 64;  // deeper lists stay as they are
constexpr size_t npos = std::string_view::npos;

// The last arguments that a template takes where none are given; "$0" and "$1" are its first two.
struct Defaults {
  std::string_view name;
  size_t required;
  std::array<std::string_view, 3> values;  // "" behind the last
};

constexpr std::string_view kTraits = "std::char_traits<$0>";
constexpr std::string_view kAllocator = "std::allocator<$0>";
constexpr std::string_view kPairAllocator = "std::allocator<std::pair<$0 const, $1>>";
constexpr std::string_view kLess = "std::less<$0>";
constexpr std::string_view kHash = "std::hash<$0>";
constexpr std::string_view kEqual = "std::equal_to<$0>";

constexpr std::array kDefaults = {
    Defaults{"std::vector", 1, {kAllocator}},
    Defaults{"std::deque", 1, {kAllocator}},
    Defaults{"std::list", 1, {kAllocator}},
    Defaults{"std::forward_list", 1, {kAllocator}},
    Defaults{"std::set", 1, {kLess, kAllocator}},
    Defaults{"std::multiset", 1, {kLess, kAllocator}},
    Defaults{"std::map", 2, {kLess, kPairAllocator}},
    Defaults{"std::multimap", 2, {kLess, kPairAllocator}},
    Defaults{"std::unordered_set", 1, {kHash, kEqual, kAllocator}},
    Defaults{"std::unordered_multiset", 1, {kHash, kEqual, kAllocator}},
    Defaults{"std::unordered_map", 2, {kHash, kEqual, kPairAllocator}},
    Defaults{"std::unordered_multimap", 2, {kHash, kEqual, kPairAllocator}},
    Defaults{"std::unique_ptr", 1, {"std::default_delete<$0>"}},
    Defaults{"std::basic_string", 1, {kTraits, kAllocator}},
    Defaults{"std::basic_string_view", 1, {kTraits}},
    Defaults{"std::basic_ios", 1, {kTraits}},
    Defaults{"std::basic_streambuf", 1, {kTraits}},
    Defaults{"std::basic_istream", 1, {kTraits}},
    Defaults{"std::basic_ostream", 1, {kTraits}},
    Defaults{"std::basic_iostream", 1, {kTraits}},
    Defaults{"std::basic_filebuf", 1, {kTraits}},
    Defaults{"std::basic_ifstream", 1, {kTraits}},
    Defaults{"std::basic_ofstream", 1, {kTraits}},
    Defaults{"std::basic_fstream", 1, {kTraits}},
    Defaults{"std::basic_stringbuf", 1, {kTraits, kAllocator}},
    Defaults{"std::basic_istringstream", 1, {kTraits, kAllocator}},
    Defaults{"std::basic_ostringstream", 1, {kTraits, kAllocator}},
    Defaults{"std::basic_stringstream", 1, {kTraits, kAllocator}},
    Defaults{"std::istreambuf_iterator", 1, {kTraits}},
    Defaults{"std::ostreambuf_iterator", 1, {kTraits}},
};

struct Alias {
  std::string_view name;
  std::string_view argument;
  std::string_view alias;
};

// Today's strings. Those of before C++11 are told apart by their template's name.
constexpr std::array kAliases = {
    Alias{"std::__cxx11::basic_string", "char", "std::string"},
    Alias{"std::__cxx11::basic_string", "wchar_t", "std::wstring"},
    Alias{"std::basic_string_view", "char", "std::string_view"},
    Alias{"std::basic_string_view", "wchar_t", "std::wstring_view"},
};

void ReplaceAll(std::string* text, std::string_view what, std::string_view with) {
  for (size_t i = 0; (i = text->find(what, i)) != npos; i += with.size()) {
    text->replace(i, what.size(), with);
  }
}

const Defaults* FindDefaults(std::string name) {
  if (!name.starts_with("std::")) return nullptr;
  ReplaceAll(&name, "std::__cxx11::", "std::");
  const auto* found = std::find_if(kDefaults.begin(), kDefaults.end(),
                                   [&](const Defaults& d) { return d.name == name; });
  return found != kDefaults.end() ? found : nullptr;
}

void DropDefaults(std::string_view name, std::vector<std::string>* arguments) {
  const Defaults* defaults = FindDefaults(std::string(name));
  if (defaults == nullptr) return;
  while (arguments->size() > defaults->required &&
         arguments->size() - defaults->required <= defaults->values.size()) {
    std::string value(defaults->values[arguments->size() - defaults->required - 1]);
    ReplaceAll(&value, "$0", (*arguments)[0]);
    if (defaults->required > 1) ReplaceAll(&value, "$1", (*arguments)[1]);
    if (arguments->back() != value) return;
    arguments->pop_back();
  }
}

// The qualified name at the end of `text`.
std::string_view LastName(std::string_view text) {
  size_t begin = text.size();
  while (begin > 0 && (IsWordCharacter(text[begin - 1]) || text[begin - 1] == ':')) --begin;
  return text.substr(begin);
}

std::string Simplified(std::string_view text, int nesting);

std::vector<std::string> Arguments(std::string_view list, int nesting) {
  std::vector<std::string> arguments;
  size_t begin = 0;
  const auto add = [&](size_t end) {
    while (begin < end && list[begin] == ' ') ++begin;
    while (end > begin && list[end - 1] == ' ') --end;
    arguments.push_back(Simplified(list.substr(begin, end - begin), nesting));
  };
  for (size_t i = 0; i < list.size();) {
    if (const size_t length = FixedOperatorLength(list, i)) {
      i += length;
    } else if (const size_t end = IsGroup(list, i) ? GroupEnd(list, i) : npos; end != npos) {
      i = end;
    } else {
      if (list[i] == ',') {
        add(i);
        begin = i + 1;
      }
      i = NextMark(list, i + 1);
    }
  }
  if (!list.empty()) add(list.size());
  return arguments;
}

void AppendTemplate(std::string_view list, int nesting, std::string* text) {
  const std::string_view name = LastName(*text);
  std::vector<std::string> arguments = Arguments(list, nesting);
  DropDefaults(name, &arguments);
  for (const Alias& alias : kAliases) {
    if (name != alias.name || arguments.size() != 1 || arguments[0] != alias.argument) continue;
    text->resize(text->size() - name.size());
    text->append(alias.alias);
    return;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    text->append(i == 0 ? "<" : ", ").append(arguments[i]);
  }
  text->append(arguments.empty() ? "<>" : ">");
}

std::string Simplified(std::string_view text, int nesting) {
  std::string simple;
  for (size_t i = 0; i < text.size();) {
    if (const size_t length = FixedOperatorLength(text, i)) {
      simple += text.substr(i, length);
      i += length;
      if (text.substr(i).starts_with(" <")) simple += text[i++];  // "operator< <int>"
      continue;
    }
    const size_t end = IsGroup(text, i) && nesting < kMaxNesting ? GroupEnd(text, i) : npos;
    if (end == npos) {
      const size_t next = NextMark(text, i + 1);
      simple += text.substr(i, next - i);
      i = next;
      continue;
    }
    const std::string_view inside = text.substr(i + 1, end - i - 2);
    if (text[i] == '<') {
      AppendTemplate(inside, nesting + 1, &simple);
    } else {
      simple.append(1, text[i]).append(Simplified(inside, nesting + 1)).append(1, text[end - 1]);
    }
    i = end;
  }
  return simple;
}

// The demangler's word for the string of before C++11, which is another type.
std::string WithoutOldAlias(std::string_view name) {
  constexpr std::string_view kOldAlias = "std::string";
  std::string text(name);
  for (size_t i = 0; (i = text.find(kOldAlias, i)) != npos; ++i) {
    const size_t end = i + kOldAlias.size();
    const bool is_word = (i == 0 || (!IsWordCharacter(text[i - 1]) && text[i - 1] != ':')) &&
                         (end == text.size() || !IsWordCharacter(text[end]));
    if (is_word) text.replace(i, kOldAlias.size(), "std::basic_string<char>");
  }
  return text;
}

}  // namespace

std::string WithoutDefaultArguments(std::string_view name) {
  return Simplified(WithoutOldAlias(name), 0);
}

}  // namespace stacksampler::symbolize
