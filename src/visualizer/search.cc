// SPDX-License-Identifier: MIT
#include "visualizer/search.h"

#include <re2/re2.h>

namespace stacksampler::visualizer {
namespace {

bool HasUpperCase(const std::string& pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] >= 'A' && pattern[i] <= 'Z') {
      return true;
    }
  }
  return false;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

BadRequest Refuse(const std::string& parameter, const std::string& pattern,
                  const std::string& message) {
  return {parameter, pattern, message, {}, {"std::", "^Parse.*Json$", "malloc|free"}};
}

/// Remembers what it found out about a name.
class Names {
 public:
  Names(const std::vector<std::string>& names, const NameMatcher& matches)
      : names_(names), matches_(matches), verdicts_(names.size()) {}

  bool Matches(uint32_t name) {
    Verdict& verdict = verdicts_[name];
    if (verdict == Verdict::kUnknown) {
      verdict = matches_(names_[name]) ? Verdict::kYes : Verdict::kNo;
      if (verdict == Verdict::kYes) matched_.push_back(names_[name]);
    }
    return verdict == Verdict::kYes;
  }
  std::vector<std::string_view> TakeMatched() { return std::move(matched_); }

 private:
  enum class Verdict : uint8_t { kUnknown, kYes, kNo };
  const std::vector<std::string>& names_;
  const NameMatcher& matches_;
  std::vector<Verdict> verdicts_;
  std::vector<std::string_view> matched_;
};

}  // namespace

std::optional<BadRequest> CompileSearch(const std::string& parameter, const std::string& pattern,
                                        NameMatcher* matcher) {
  if (pattern.empty()) return Refuse(parameter, pattern, "expected a regular expression");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryBytes);
  options.set_case_sensitive(HasUpperCase(pattern));
  const auto regex = std::make_shared<const RE2>(Piece(pattern), options);
  if (!regex->ok()) {
    BadRequest bad = Refuse(parameter, pattern, regex->error());
    const size_t position = pattern.find(regex->error_arg());
    if (!regex->error_arg().empty() && position != std::string::npos) bad.position = position;
    return bad;
  }
  *matcher = [regex](std::string_view name) { return RE2::PartialMatch(Piece(name), *regex); };
  return {};
}

SearchResult Search(const StackTree& tree, const StackTree::Place& root,
                    const NameMatcher& matches) {
  SearchResult result;
  result.total = root.total;
  Names names(tree.texts().names, matches);
  // Every name has its say, but a stack on one that matched is already counted.
  struct Pending {
    StackId stack;
    bool is_counted;
  };
  std::vector<Pending> pending;
  for (const StackId stack : root.stacks) pending.push_back({stack, false});
  while (!pending.empty()) {
    auto [stack, is_counted] = pending.back();
    pending.pop_back();
    if (stack != 0 && names.Matches(tree.LookOf(stack).name) && !is_counted) {
      result.matched += tree.Total(stack);
      is_counted = true;
    }
    const auto callees = tree.Callees(stack);
    for (auto it = callees.rbegin(); it != callees.rend(); ++it)
      pending.push_back({*it, is_counted});
  }
  result.names = names.TakeMatched();
  result.names_truncated = result.names.size() > kMostNames;
  if (result.names_truncated) result.names.resize(kMostNames);
  return result;
}

}  // namespace stacksampler::visualizer
