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

/// One pass over the stacks, callers first, along arrays: a million of them in some milliseconds.
class Pass {
 public:
  Pass(const StackTree& tree, const NameMatcher& matches)
      : tree_(tree), places_(tree.stack_count(), Place::kOutside) {
    for (const std::string& name : tree.texts().names) is_match_.push_back(matches(name) ? 1 : 0);
    is_seen_.resize(is_match_.size());
  }

  /// How much runs through the names that match, each stack once.
  int64_t Run(const std::vector<StackId>& roots) {
    for (const StackId root : roots) Enter(root, Place::kInside);
    for (StackId stack = roots.front(); stack < places_.size(); ++stack) {
      if (places_[stack] == Place::kOutside) continue;
      for (const StackId callee : tree_.Callees(stack)) Enter(callee, places_[stack]);
    }
    return matched_;
  }

  [[nodiscard]] std::vector<std::string_view> MatchedNames() const {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < is_match_.size(); ++i) {
      if (is_match_[i] != 0 && is_seen_[i] != 0) names.emplace_back(tree_.texts().names[i]);
    }
    return names;
  }

 private:
  enum class Place : uint8_t { kOutside, kInside, kCounted };

  // Every name has its say, but what runs through a stack that matched is already counted.
  void Enter(StackId stack, Place caller) {
    places_[stack] = caller;
    if (stack == 0) return;  // the root of all has no name
    const uint32_t name = tree_.LookOf(stack).name;
    is_seen_[name] = 1;
    if (is_match_[name] == 0 || caller == Place::kCounted) return;
    matched_ += tree_.Total(stack);
    places_[stack] = Place::kCounted;
  }

  const StackTree& tree_;
  std::vector<uint8_t> is_match_;  // by name
  std::vector<uint8_t> is_seen_;   // likewise
  std::vector<Place> places_;      // by stack
  int64_t matched_ = 0;
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
  Pass pass(tree, matches);
  result.matched = pass.Run(root.stacks);
  result.names = pass.MatchedNames();
  result.names_truncated = result.names.size() > kMostNames;
  if (result.names_truncated) result.names.resize(kMostNames);
  return result;
}

}  // namespace stacksampler::visualizer
