// SPDX-License-Identifier: MIT
#include "profile/svg_writer.h"

#include <algorithm>
#include <cmath>

#include "base/visible_text.h"
#include "profile/cost_text.h"

namespace stacksampler {
namespace {

constexpr int kRow = 18;
constexpr int kMargin = 8;
constexpr int kNodesPerPixel = 2;
constexpr double kLetter = 7.3;  // wider than a monospaced letter of 12 pixels: no text sticks out
constexpr size_t kLeastLetters = 3;
// Lightness and hue differ, so that colour-blind eyes tell them apart; black text is readable on
// all.
constexpr const char* kFills[] = {"#9dbde8", "#f0b27a", "#7fc8b4", "#e8d576",
                                  "#eba6ad", "#b3d4e5", "#b9c97e", "#cdb2e0"};
constexpr const char* kRootFill = "#dddddd";

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// Hundredths of a pixel, without printf's locale.
std::string Pixels(double value) {
  const auto hundredths = static_cast<int64_t>(std::llround(value * 100));
  std::string text = std::to_string(hundredths / 100);
  const int64_t rest = hundredths % 100;
  if (rest != 0) text += (rest < 10 ? ".0" : ".") + std::to_string(rest);
  return text;
}

class Writer {
 public:
  explicit Writer(const CallTree& tree) : tree_(tree) {
    const int64_t total = tree.nodes.front().total;
    const int64_t places = int64_t{kSvgWidth} * kNodesPerPixel;
    nodes_ = Prune(tree.nodes, 0, std::max<int64_t>(1, total / places + (total % places != 0)));
    left_.resize(nodes_.size());
    for (const CallNode& node : nodes_) deepest_ = std::max(deepest_, node.depth);
  }

  std::string Write() {
    WriteHead();
    // Where the next child of each node begins; children come in order.
    std::vector<int64_t> next(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const CallNode& node = nodes_[i];
      left_[i] = i == 0 ? 0 : next[node.parent];
      next[i] = left_[i];
      if (i > 0) next[node.parent] += node.total;
      WriteNode(i);
    }
    WriteFoot();
    return std::move(out_);
  }

 private:
  [[nodiscard]] double X(int64_t cost) const {
    const auto total = static_cast<double>(std::max<int64_t>(nodes_.front().total, 1));
    return static_cast<double>(cost) / total * kSvgWidth;
  }
  [[nodiscard]] uint32_t Height() const { return (deepest_ + 2) * kRow + 2 * kMargin; }

  void WriteHead() {
    const std::string width = std::to_string(kSvgWidth + 2 * kMargin);
    const std::string height = std::to_string(Height());
    out_ =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
        "\" viewBox=\"0 0 " + width + ' ' + height +
        "\" font-family=\"monospace\" font-size=\"12\" role=\"img\">\n<title>Flame graph</title>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  }

  [[nodiscard]] std::string NameOf(size_t i) const {
    if (i == 0) return "all";
    const std::string name = VisibleText(tree_.Name(nodes_[i]));
    return name.empty() ? "[unnamed]" : name;
  }

  // By namespace, or else by module: as the page does, one's own code gets one colour.
  [[nodiscard]] const char* FillOf(size_t i) const {
    if (i == 0) return kRootFill;
    const std::string& name = tree_.Name(nodes_[i]);
    const size_t colons = name.find("::");
    const std::string family =
        colons != std::string::npos ? name.substr(0, colons) : tree_.modules[nodes_[i].module];
    uint32_t hash = 0x811c9dc5;
    for (const char c : family) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
    return kFills[(hash ^ hash >> 15) % std::size(kFills)];
  }

  void WriteNode(size_t i) {
    const CallNode& node = nodes_[i];
    const double x = kMargin + X(left_[i]);
    const double width = X(node.total);
    const uint32_t y = kMargin + node.depth * kRow;
    const std::string name = NameOf(i);
    out_ += "<g><title>" + Escaped(name) + '\n' + CostText(node.total, tree_.unit) + " (" +
            PercentText(node.total, nodes_.front().total) + ")</title><rect x=\"" + Pixels(x) +
            "\" y=\"" + std::to_string(y) + "\" width=\"" + Pixels(std::max(width - 0.5, 0.3)) +
            "\" height=\"" + std::to_string(kRow - 1) + "\" fill=\"" + FillOf(i) + "\"/>";
    const auto letters = static_cast<size_t>(std::max(width - 6, 0.0) / kLetter);
    if (letters >= kLeastLetters) {
      out_ += "<text x=\"" + Pixels(x + 3) + "\" y=\"" + std::to_string(y + 13) + "\">" +
              Escaped(Shortened(name, letters)) + "</text>";
    }
    out_ += "</g>\n";
  }

  void WriteFoot() {
    const size_t left_out = tree_.nodes.size() - nodes_.size();
    out_ += "<text x=\"" + std::to_string(kMargin) + "\" y=\"" +
            std::to_string(Height() - kMargin) + "\">" + CostText(nodes_.front().total, tree_.unit);
    if (left_out > 0) {
      out_ += ", " + std::to_string(left_out) + " frames are too narrow to be drawn";
    }
    out_ += "</text>\n</svg>\n";
  }

  const CallTree& tree_;
  std::vector<CallNode> nodes_;
  std::vector<int64_t> left_;  // cost on the left of each node
  uint32_t deepest_ = 0;
  std::string out_;
};

}  // namespace

std::string EncodeSvg(const Profile& profile, const std::string& group_by) {
  const CallTree tree =
      BuildCallTree(profile, {UnitOf(profile), SiblingOrder::kHeavyFirst, group_by});
  return Writer(tree).Write();
}

}  // namespace stacksampler
