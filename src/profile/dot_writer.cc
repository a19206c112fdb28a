// SPDX-License-Identifier: MIT
#include "profile/dot_writer.h"

#include <algorithm>
#include <cmath>

#include "base/visible_text.h"
#include "profile/call_graph.h"
#include "profile/cost_text.h"

namespace stacksampler {
namespace {

constexpr size_t kMostLabelLetters = 60;
constexpr size_t kMostTooltipLetters = 2000;  // graphviz ends lines that pass 16 KB
constexpr double kThickest = 6;

/// In a DOT string; visible text has no line ends. A backslash begins graphviz's own escapes, and
/// '&' its HTML entities.
std::string Quoted(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
    if (c == '&') quoted += "amp;";
  }
  return quoted;
}

class Writer {
 public:
  explicit Writer(const CallGraph& graph)
      : graph_(graph), shown_(std::min(graph.functions.size(), kMostDotFunctions)) {}

  std::string Write() {
    out_ =
        "digraph profile {\n  node [shape=box fontname=\"monospace\" fontsize=10];\n"
        "  edge [fontname=\"monospace\" fontsize=9];\n";
    out_ += "  label=\"" + Title() + "\";\n";
    for (size_t i = 0; i < shown_; ++i) WriteFunction(i);
    for (const FunctionCall& call : graph_.calls) {
      if (call.caller < shown_ && call.callee < shown_) WriteCall(call);
    }
    return std::move(out_ += "}\n");
  }

 private:
  [[nodiscard]] std::string Title() const {
    const size_t left_out = graph_.functions.size() - shown_;
    std::string title = CostText(graph_.total, graph_.unit);
    if (left_out > 0) title += ", " + std::to_string(left_out) + " functions left out";
    return title;
  }
  [[nodiscard]] std::string Cost(int64_t cost) const {
    return CostText(cost, graph_.unit) + " (" + PercentText(cost, graph_.total) + ')';
  }

  void WriteFunction(size_t i) {
    const CalledFunction& function = graph_.functions[i];
    out_ += "  f" + std::to_string(i) + " [label=\"" +
            Quoted(Shortened(function.name, kMostLabelLetters)) + "\\nself " + Cost(function.self) +
            "\\ntotal " + Cost(function.total) + "\" tooltip=\"" +
            Quoted(Shortened(function.name, kMostTooltipLetters)) + "\"];\n";
  }

  void WriteCall(const FunctionCall& call) {
    const double share = static_cast<double>(call.total) / static_cast<double>(graph_.total);
    const auto tenths = static_cast<int>(std::lround((1 + share * (kThickest - 1)) * 10));
    out_ += "  f" + std::to_string(call.caller) + " -> f" + std::to_string(call.callee) +
            " [label=\"" + CostText(call.total, graph_.unit) +
            "\" penwidth=" + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) +
            "];\n";
  }

  const CallGraph& graph_;
  const size_t shown_;
  std::string out_;
};

}  // namespace

std::string EncodeDot(const Profile& profile) {
  const CallGraph graph = BuildCallGraph(profile);
  return Writer(graph).Write();
}

}  // namespace stacksampler
