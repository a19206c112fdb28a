// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/demangle.h"
#include "stacksampler/folded.h"
#include "stacksampler/keyed_hash.h"

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

// The lines as a tree of names, so that a line costs memory only once it is known to be printed:
// deep stacks make gigabytes of text. Frames that differ only in what folded text cannot say
// (mapping, line) end in one line.
class Lines {
 public:
  Lines(const Profile& profile, const FoldedOptions& options)
      : profile_(profile),
        options_(options),
        frame_names_(profile.frames().size(), kNone),
        nodes_(1),
        stack_nodes_(profile.stacks().size(), kNone) {
    stack_nodes_[0] = 0;
    for (const Sample& sample : profile.samples()) {
      if (sample.weight != 0) Add(sample);
    }
  }

  /// The heaviest lines that the options leave room for; ties by text. `omitted` grows by the
  /// others.
  std::vector<std::pair<std::string, int64_t>> Print(int64_t* omitted);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    uint32_t parent = 0;
    uint32_t name = 0;
    size_t bytes = 0;  // of the text from the root to here
  };
  struct Line {
    uint32_t root = kNone;  // a name, where a label is asked for
    uint32_t node = 0;
    int64_t weight = 0;
  };
  static uint64_t Key(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }

  void Add(const Sample& sample);
  uint32_t NodeOf(StackId stack);
  uint32_t Child(uint32_t parent, uint32_t name);
  uint32_t InternName(const std::string& name);
  uint32_t NameOf(FrameId frame);
  [[nodiscard]] size_t Bytes(const Line& line) const;
  [[nodiscard]] std::string Text(const Line& line) const;

  const Profile& profile_;
  const FoldedOptions& options_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t, TextHasher> name_ids_;
  std::vector<uint32_t> frame_names_;
  std::vector<Node> nodes_;                                        // the first is the root
  std::unordered_map<uint64_t, uint32_t, NumberHasher> children_;  // by parent and name
  std::vector<uint32_t> stack_nodes_;
  std::vector<Line> lines_;
  std::unordered_map<uint64_t, size_t, NumberHasher> line_of_;  // by root and node
};

void Lines::Add(const Sample& sample) {
  Line line;
  if (!options_.root_label.empty()) {
    line.root = InternName(RootFrame(profile_.label_sets()[sample.labels], options_.root_label));
  }
  line.node =
      sample.stack != 0 ? NodeOf(sample.stack) : Child(0, InternName(std::string(kEmptyStack)));
  const auto [it, added] = line_of_.try_emplace(Key(line.root, line.node), lines_.size());
  if (added) lines_.push_back(line);
  lines_[it->second].weight += sample.weight;
}

uint32_t Lines::NodeOf(StackId stack) {
  std::vector<StackId> missing;
  for (; stack_nodes_[stack] == kNone; stack = profile_.stacks()[stack].parent) {
    missing.push_back(stack);
  }
  uint32_t node = stack_nodes_[stack];
  for (; !missing.empty(); missing.pop_back()) {
    node = Child(node, NameOf(profile_.stacks()[missing.back()].frame));
    stack_nodes_[missing.back()] = node;
  }
  return node;
}

uint32_t Lines::Child(uint32_t parent, uint32_t name) {
  const auto [it, added] =
      children_.try_emplace(Key(parent, name), static_cast<uint32_t>(nodes_.size()));
  if (added) {
    const size_t before = parent == 0 ? 0 : nodes_[parent].bytes + 1;
    nodes_.push_back({parent, name, before + names_[name].size()});
  }
  return it->second;
}

uint32_t Lines::InternName(const std::string& name) {
  const auto [it, added] = name_ids_.try_emplace(name, static_cast<uint32_t>(names_.size()));
  if (added) names_.push_back(name);
  return it->second;
}

uint32_t Lines::NameOf(FrameId frame) {
  if (frame_names_[frame] != kNone) return frame_names_[frame];
  const std::string& symbol = profile_.String(profile_.frames()[frame].mangled_name);
  const bool full = options_.full_names && !symbol.empty();
  return frame_names_[frame] =
             InternName(EscapeFoldedFrame(full ? FullName(symbol) : profile_.FrameName(frame)));
}

size_t Lines::Bytes(const Line& line) const {
  return nodes_[line.node].bytes + (line.root != kNone ? names_[line.root].size() + 1 : 0);
}

std::string Lines::Text(const Line& line) const {
  std::string text(Bytes(line), ';');
  if (line.root != kNone) text.replace(0, names_[line.root].size(), names_[line.root]);
  size_t end = text.size();
  for (uint32_t node = line.node; node != 0; node = nodes_[node].parent) {
    const std::string& name = names_[nodes_[node].name];
    text.replace(end - name.size(), name.size(), name);
    end -= std::min(end, name.size() + 1);
  }
  return text;
}

std::vector<std::pair<std::string, int64_t>> Lines::Print(int64_t* omitted) {
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const Line& a, const Line& b) { return a.weight > b.weight; });
  std::vector<std::pair<std::string, int64_t>> printed;
  size_t bytes = 0;
  for (const Line& line : lines_) {
    bytes += Bytes(line) + std::to_string(line.weight).size() + 2;
    if (*omitted != 0 || printed.size() >= options_.max_lines || bytes > options_.max_bytes) {
      *omitted += line.weight;
    } else {
      printed.emplace_back(Text(line), line.weight);
    }
  }
  std::sort(printed.begin(), printed.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return printed;
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
  int64_t omitted = 0;
  for (const auto& [line, weight] : Lines(profile, options).Print(&omitted)) {
    text.append(line).append(" ").append(std::to_string(weight)).append("\n");
  }
  if (omitted != 0) {
    text.append(kOmittedFrame).append(" ").append(std::to_string(omitted)).append("\n");
  }
  return text;
}

}  // namespace stacksampler
