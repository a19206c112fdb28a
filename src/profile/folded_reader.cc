// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/visible_text.h"
#include "profile/seen_names.h"
#include "stacksampler/folded.h"

namespace stacksampler {
namespace {

constexpr size_t kMaxQuotedBytes = 60;
constexpr double kMaxSeconds = 9e9;  // times 1e9 stays below 2^63

std::string Quoted(std::string_view text) {
  const bool cut = text.size() > kMaxQuotedBytes;
  return '"' + VisibleText(text.substr(0, kMaxQuotedBytes)) + (cut ? "...\"" : "\"");
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

std::optional<double> ParseSeconds(std::string_view text) {
  const auto seconds = ParseNumber<double>(text);
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > kMaxSeconds) return {};
  return seconds;
}

// Takes the first line off the text.
std::string_view TakeLine(std::string_view* text) {
  const size_t newline = text->find('\n');
  std::string_view line = text->substr(0, newline);
  *text = newline == std::string_view::npos ? "" : text->substr(newline + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// "elapsed 2.5" -> 2.5
std::optional<double> HeaderSeconds(std::string_view line, std::string_view name) {
  if (line.substr(0, name.size()) != name || line.substr(name.size(), 1) != " ") return {};
  return ParseSeconds(line.substr(name.size() + 1));
}

class Reader {
 public:
  /// `text` must outlive it.
  explicit Reader(std::string_view text) : text_(text), seen_(text.size()) {}

  FoldedDocument Read() {
    std::string_view text = text_;
    ReadHeader(&text);
    while (!text.empty()) {
      const std::string_view line = TakeLine(&text);
      ++line_number_;
      if (!line.empty()) ReadLine(line);
    }
    return std::move(document_);
  }

 private:
  // Both lines, as the first two, or none: functions may have these names, too.
  void ReadHeader(std::string_view* text) {
    std::string_view rest = *text;
    const auto elapsed = HeaderSeconds(TakeLine(&rest), "elapsed");
    const auto granularity = HeaderSeconds(TakeLine(&rest), "granularity");
    if (!elapsed || !granularity) return;
    document_.elapsed_seconds = *elapsed;
    document_.profile.period_ns = std::llround(*granularity * 1e9);
    line_number_ = 2;
    *text = rest;
  }

  void ReadLine(std::string_view line) {
    const size_t space = line.rfind(' ');
    if (space == std::string_view::npos) return Malformed("no space before a count", line);
    const std::string_view stack = line.substr(0, space);
    const std::string_view number = line.substr(space + 1);
    const auto count = ParseNumber<int64_t>(number);
    if (!count || *count < 0 || number[0] == '-') {
      return Malformed("the count after the last space is not an integer from 0 to 2^63 - 1", line);
    }
    if (stack.empty()) return Malformed("no stack before the count", line);
    AddStack(line, stack, *count);
  }

  void AddStack(std::string_view line, std::string_view frames, int64_t count) {
    Profile& profile = document_.profile;
    int64_t cpu_ns = 0;
    int64_t weight_sum = 0;
    int64_t cpu_sum = 0;
    if (__builtin_mul_overflow(count, profile.period_ns, &cpu_ns) ||
        __builtin_add_overflow(total_weight_, count, &weight_sum) ||
        __builtin_add_overflow(total_cpu_ns_, cpu_ns, &cpu_sum)) {
      return Malformed("with this count the sum passes 2^63", line);
    }
    total_weight_ = weight_sum;
    total_cpu_ns_ = cpu_sum;
    StackId stack = 0;
    for (size_t begin = 0, end = 0; end != frames.size(); begin = end + 1) {
      end = std::min(frames.find(';', begin), frames.size());
      stack = profile.InternStack(stack, FrameOf(frames.substr(begin, end - begin)));
    }
    profile.AddSample(stack, 0, count, cpu_ns);
  }

  FrameId FrameOf(std::string_view name) {
    SeenNames::Slot* slot = seen_.Find(name);
    // An empty slot says nothing of an empty name.
    if (slot->name == name && !name.empty()) return slot->frame;
    const FrameId frame = document_.profile.InternFrame(EscapeFoldedFrame(name));
    *slot = {name, frame};
    return frame;
  }

  void Malformed(const char* reason, std::string_view line) {
    ++document_.malformed_lines;
    if (document_.first_errors.size() == kMaxFoldedErrors) return;
    document_.first_errors.push_back({line_number_, std::string(reason) + ": " + Quoted(line)});
  }

  const std::string_view text_;
  SeenNames seen_;
  FoldedDocument document_;
  uint64_t line_number_ = 0;
  int64_t total_weight_ = 0;
  int64_t total_cpu_ns_ = 0;
};

}  // namespace

FoldedDocument DecodeFolded(std::string_view text) { return Reader(text).Read(); }

}  // namespace stacksampler
