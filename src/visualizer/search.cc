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
  Names(const CallTree& tree, const NameMatcher& matches)
      : tree_(tree), matches_(matches), verdicts_(tree.names.size()) {}

  bool Matches(uint32_t name) {
    Verdict& verdict = verdicts_[name];
    if (verdict == Verdict::kUnknown) {
      verdict = matches_(tree_.names[name]) ? Verdict::kYes : Verdict::kNo;
      if (verdict == Verdict::kYes) matched_.push_back(tree_.names[name]);
    }
    return verdict == Verdict::kYes;
  }
  std::vector<std::string_view> TakeMatched() { return std::move(matched_); }

 private:
  enum class Verdict : uint8_t { kUnknown, kYes, kNo };
  const CallTree& tree_;
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

SearchResult Search(const CallTree& tree, uint32_t root, const NameMatcher& matches) {
  SearchResult result;
  result.total = tree.nodes[root].total;
  Names names(tree, matches);
  // Every name has its say, but a node below a match is already counted.
  uint32_t counted_until = root;
  for (uint32_t i = root == 0 ? 1 : root; i < tree.nodes[root].end; ++i) {
    const CallNode& node = tree.nodes[i];
    if (!names.Matches(node.name) || i < counted_until) continue;
    result.matched += node.total;
    counted_until = node.end;
  }
  result.names = names.TakeMatched();
  result.names_truncated = result.names.size() > kMostNames;
  if (result.names_truncated) result.names.resize(kMostNames);
  return result;
}

}  // namespace stacksampler::visualizer
