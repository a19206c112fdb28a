// SPDX-License-Identifier: MIT
#include "cli/suggest.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace stacksampler::cli {
namespace {

// Letters added, left out, exchanged, or swapped with their neighbours.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> two_above(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t exchanged = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, exchanged});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
    two_above = std::exchange(above, std::move(row));
  }
  return above.back();
}

bool IsOption(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// "collector import".
std::string FullName(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : FullName(*parent) + ' ' + app.get_name();
}

// The first word is what was wrong: an unknown option leaves its value behind as well, an unknown
// command all that follows.
std::string WhatIsUnknown(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining();
  if (!left.empty()) return UnknownWord(app, left.front());
  for (const CLI::App* command : app.get_subcommands()) {
    if (std::string text = WhatIsUnknown(*command); !text.empty()) return text;
  }
  return {};
}

std::string Shown(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const size_t letters = word.size() - std::min(word.find_first_not_of('-'), word.size());
  std::string nearest;
  size_t least = 1 + std::max<size_t>(1, letters / 3);
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string UnknownWord(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const bool is_option = IsOption(name);
  const std::vector<std::string> known = is_option ? OptionNames(app) : CommandNames(app);
  const std::string nearest = Nearest(name, known);
  const std::string of = " of " + FullName(app);
  const std::string text = is_option       ? name + ": no such option" + of
                           : known.empty() ? name + ": one word too many"
                                           : name + ": no such command" + of;
  return nearest.empty() ? text : text + "; did you mean " + nearest + '?';
}

std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error) {
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  const bool words_left =
      code == CLI::ExitCodes::ExtrasError || code == CLI::ExitCodes::RequiredError;
  const std::string unknown = words_left ? WhatIsUnknown(app) : "";
  return (unknown.empty() ? error.what() : unknown) + "; see " + app.get_name() + " --help";
}

CLI::Validator NumberFrom(double low, double high, const std::string& hint) {
  const std::string range = "from " + Shown(low) + " to " + Shown(high);
  const auto check = [=](const std::string& text) -> std::string {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const bool whole = !text.empty() && *end == '\0';
    return whole && number >= low && number <= high ? "" : "'" + text + "': " + hint + ", " + range;
  };
  return {check, range};
}

}  // namespace stacksampler::cli
