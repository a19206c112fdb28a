// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/demangle.h"
#include "stacksampler/folded.h"

namespace stacksampler {
namespace {

constexpr std::string_view kUnnamedFrame = "[unnamed]";
constexpr std::string_view kEmptyStack = "[no stack]";

std::string Seconds(int64_t ns) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<double>(ns) / 1e9).ptr;
  return {buffer, end};
}

std::string RootFrame(const Labels& labels, const std::string& key) {
  for (const auto& [name, value] : labels) {
    if (name == key) return EscapeFoldedFrame(value);
  }
  return EscapeFoldedFrame("[no " + key + "]");
}

std::string StackText(const Profile& profile, StackId stack,
                      const std::vector<std::string>& names) {
  std::string text;
  for (const FrameId frame : profile.StackFrames(stack)) {
    if (!text.empty()) text += ';';
    text += names[frame];
  }
  return text.empty() ? std::string(kEmptyStack) : text;
}

// Frames that differ only in what folded text cannot say (mapping, line) end in one line.
std::unordered_map<std::string, int64_t> WeightByLine(const Profile& profile,
                                                      const FoldedOptions& options) {
  std::vector<std::string> names(profile.frames().size());
  for (FrameId i = 0; i < names.size(); ++i) {
    const std::string& symbol = profile.String(profile.frames()[i].mangled_name);
    const bool full = options.full_names && !symbol.empty();
    names[i] = EscapeFoldedFrame(full ? FullName(symbol) : profile.FrameName(i));
  }
  std::unordered_map<std::string, int64_t> lines;
  for (const Sample& sample : profile.samples()) {
    if (sample.weight == 0) continue;
    std::string line = StackText(profile, sample.stack, names);
    if (!options.root_label.empty()) {
      line.insert(0, RootFrame(profile.label_sets()[sample.labels], options.root_label) + ';');
    }
    lines[std::move(line)] += sample.weight;
  }
  return lines;
}

}  // namespace

std::string EscapeFoldedFrame(std::string_view name) {
  if (name.empty()) return std::string(kUnnamedFrame);
  std::string escaped(name);
  for (char& c : escaped) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ';') c = ':';
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return escaped;
}

std::string EncodeFolded(const Profile& profile, const FoldedOptions& options) {
  std::string text;
  if (options.headers) {
    text += "elapsed " + Seconds(profile.end_ns - profile.start_ns) + '\n';
    text += "granularity " + Seconds(profile.period_ns) + '\n';
  }
  const auto weights = WeightByLine(profile, options);
  std::vector<std::pair<std::string_view, int64_t>> lines(weights.begin(), weights.end());
  std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (const auto& [line, weight] : lines) {
    text.append(line).append(" ").append(std::to_string(weight)).append("\n");
  }
  return text;
}

}  // namespace stacksampler
