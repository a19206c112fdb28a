// SPDX-License-Identifier: MIT
//
// From a linker symbol to the name that people read. The demangler prints declarations,
//   [return type ]scope::name<args>(parameters)[ const][ &][ requires ...]
// where a scope may be a whole function declaration itself, "f(int)::local", and a return type may
// stand around the name as in C, "void (*f<int>(int))(char)". Here the name alone is kept.
#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sampler/symbolize/symbolizer.h"

namespace stacksampler::symbolize {
namespace {

constexpr size_t kMaxDemangledBytes = size_t{32} << 10;  // a longer symbol is shown as it is
constexpr int kMaxDeclaratorDepth = 8;  // functions returning pointers to functions returning ...
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

// ---- Reading a declaration.

constexpr std::string_view kOperator = "operator";

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

// Whether the keyword stands at text[i], not as part of a longer word.
bool IsOperator(std::string_view text, size_t i) {
  if (!text.substr(i).starts_with(kOperator)) return false;
  const size_t end = i + kOperator.size();
  return (i == 0 || !IsWordCharacter(text[i - 1])) && end < text.size() &&
         !IsWordCharacter(text[end]);
}

// Length of "operator<<", "operator new[]" and the like at text[i]. 0 for a conversion, and for
// what is no operator.
size_t FixedOperatorLength(std::string_view text, size_t i) {
  // Each before its own beginnings.
  static constexpr std::array<std::string_view, 45> kNames = {
      " new[]", " delete[]", " new", " delete", " co_await", "\"\" ", "<=>", "->*", "<<=",
      ">>=",    "()",        "[]",   "->",      "<<",        ">>",    "<=",  ">=",  "==",
      "!=",     "&&",        "||",   "++",      "--",        "+=",    "-=",  "*=",  "/=",
      "%=",     "^=",        "&=",   "|=",      "+",         "-",     "*",   "/",   "%",
      "^",      "&",         "|",    "~",       "!",         "=",     "<",   ">",   ","};
  if (!IsOperator(text, i)) return 0;
  const std::string_view rest = text.substr(i + kOperator.size());
  for (const std::string_view name : kNames) {
    if (!rest.starts_with(name)) continue;
    // "operator newtype" converts to newtype.
    const bool is_word = IsWordCharacter(name.back());
    if (is_word && rest.size() > name.size() && IsWordCharacter(rest[name.size()])) continue;
    return kOperator.size() + name.size();
  }
  return 0;
}

// One past the bracket that closes the one at text[begin]; npos when none does. The brackets of
// operators ("&(A::operator<)"), arrows and comparisons, whose operands the demangler puts in
// parentheses ("(sizeof (int))<(8)"), are none.
size_t GroupEnd(std::string_view text, size_t begin) {
  std::string open;
  for (size_t i = begin; i < text.size(); ++i) {
    if (const size_t length = FixedOperatorLength(text, i)) {
      i += length - 1;
      continue;
    }
    const char c = text[i];
    const char before = i > begin ? text[i - 1] : ' ';
    if (c == '(' || c == '[' || c == '{' || (c == '<' && before != ')')) {
      open.push_back(c);
      continue;
    }
    if (c == '>' && (open.back() != '<' || before == '-')) continue;
    if (c != ')' && c != ']' && c != '}' && c != '>') continue;
    // A '<' that was never closed within these brackets was a comparison.
    while (c != '>' && open.size() > 1 && open.back() == '<') open.pop_back();
    open.pop_back();
    if (open.empty()) return i + 1;
  }
  return npos;
}

// One past the type that text[begin] converts to: where the parameter list begins. Parentheses
// before it belong to the type, as in "operator void (*)(int)()".
size_t ConversionEnd(std::string_view text, size_t begin) {
  for (size_t i = begin; i < text.size();) {
    if (text[i] != '(' && text[i] != '<') {
      ++i;
      continue;
    }
    const size_t end = GroupEnd(text, i);
    if (end == npos) break;
    const bool is_parameters =
        text[i] == '(' && text[i - 1] != ' ' && (end == text.size() || text[end] != '(');
    if (is_parameters) return i;
    i = end;
  }
  return text.size();
}

// One past the qualifiers that may follow a parameter list.
size_t QualifiersEnd(std::string_view text, size_t i) {
  static constexpr std::array<std::string_view, 5> kQualifiers = {" const", " volatile", " &&",
                                                                  " &", " noexcept"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view qualifier : kQualifiers) {
      if (!text.substr(i).starts_with(qualifier)) continue;
      i += qualifier.size();
      found = true;
    }
  }
  return i;
}

class DeclarationReader {
 public:
  DeclarationReader(std::string_view text, int depth) : text_(text), depth_(depth) {}

  std::string Name() {
    while (i_ < text_.size() && !done_) Step();
    return std::move(name_);
  }

 private:
  void Step() {
    if (IsOperator(text_, i_)) return ReadOperator();
    switch (text_[i_]) {
      case '(':
        return ReadParentheses();
      case '<':
      case '{':
      case '[':
        return Keep(GroupEnd(text_, i_));
      case ' ':
      case '*':
      case '&':
        // What came before was a return type, or a part of it.
        type_ = std::move(name_);
        name_.clear();
        ++i_;
        return;
      default:
        Keep(i_ + 1);
    }
  }

  void Keep(size_t end) {
    if (end == npos) end = i_ + 1;
    name_ += text_.substr(i_, end - i_);
    i_ = end;
  }

  void ReadOperator() {
    const size_t length = FixedOperatorLength(text_, i_);
    if (length == 0) return Keep(ConversionEnd(text_, i_ + kOperator.size()));
    Keep(i_ + length);
    if (text_.substr(i_).starts_with(" <")) Keep(i_ + 1);  // "operator< <int>"
  }

  void ReadParentheses() {
    const size_t end = GroupEnd(text_, i_);
    const std::string_view group = text_.substr(i_, end == npos ? npos : end - i_);
    const bool is_type = name_ == "decltype" || (name_.empty() && type_ == "decltype");
    if (end == npos || is_type || group == "(anonymous namespace)") return Keep(end);
    if (name_.empty()) return ReadDeclarator(group.substr(1, group.size() - 2));
    i_ = QualifiersEnd(text_, end);
    // A scope goes on; else only constraints and the rest of a return type can follow.
    done_ = !text_.substr(i_).starts_with("::");
  }

  // The name stands inside: "void (*name(int))(char)".
  void ReadDeclarator(std::string_view declarator) {
    if (depth_ < kMaxDeclaratorDepth) name_ = DeclarationReader(declarator, depth_ + 1).Name();
    done_ = true;
  }

  std::string_view text_;
  int depth_;
  size_t i_ = 0;
  bool done_ = false;
  std::string name_;
  std::string type_;  // the word before
};

// ---- The whole.

std::string Demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text != nullptr ? text.get() : "";
}

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
  if (!trimmed.starts_with("_Z") || trimmed.size() > kMaxDemangledBytes)
    return std::string(trimmed);
  const size_t mangled_size = std::min(trimmed.find('.'), trimmed.size());
  std::string text = Demangled(std::string(trimmed.substr(0, mangled_size)));
  EraseAbiTags(&text);
  if (NamesType(text)) return text;
  const size_t phrase = PhraseLength(text);
  std::string name = DeclarationReader(std::string_view(text).substr(phrase), 0).Name();
  if (name.empty()) return text.empty() ? std::string(trimmed) : text;
  // Other suffixes tell functions apart: ".avx2", "._omp_fn.0".
  return text.substr(0, phrase) + name + std::string(trimmed.substr(mangled_size));
}

}  // namespace stacksampler::symbolize
