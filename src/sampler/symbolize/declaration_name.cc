// SPDX-License-Identifier: MIT
#include "sampler/symbolize/declaration_name.h"

#include <array>
#include <utility>

#include "sampler/symbolize/cxx_text.h"

namespace stacksampler::symbolize {
namespace {

constexpr int kMaxDeclaratorDepth = 8;  // functions returning pointers to functions returning ...
constexpr size_t npos = std::string_view::npos;

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
        Keep(NextMark(text_, i_ + 1));
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

}  // namespace

std::string DeclarationName(std::string_view declaration) {
  return DeclarationReader(declaration, 0).Name();
}

}  // namespace stacksampler::symbolize
