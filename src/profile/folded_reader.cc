// SPDX-License-Identifier: MIT
#include "profile/folded_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/visible_text.h"
#include "profile/seen_names.h"

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
  if (error != std::errc() || end != text.data() + text.size()) return {};
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
  /// All must outlive it; `known` may be null.
  Reader(std::string_view text, KnownStacks* known, Profile* profile)
      : text_(text), known_(known), profile_(*profile) {}

  FoldedReport Read() {
    std::string_view text = text_;
    ReadHeader(&text);
    while (!text.empty()) {
      const std::string_view line = TakeLine(&text);
      ++line_number_;
      if (!line.empty()) ReadLine(line);
    }
    return std::move(report_);
  }

 private:
  // Both lines, as the first two, or none: functions may have these names, too.
  void ReadHeader(std::string_view* text) {
    std::string_view rest = *text;
    const auto elapsed = HeaderSeconds(TakeLine(&rest), "elapsed");
    const auto granularity = HeaderSeconds(TakeLine(&rest), "granularity");
    if (!elapsed || !granularity) return;
    report_.elapsed_seconds = *elapsed;
    profile_.period_ns = std::llround(*granularity * 1e9);
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
    int64_t cpu_ns = 0;
    int64_t weight_sum = 0;
    int64_t cpu_sum = 0;
    if (__builtin_mul_overflow(count, profile_.period_ns, &cpu_ns) ||
        __builtin_add_overflow(total_weight_, count, &weight_sum) ||
        __builtin_add_overflow(total_cpu_ns_, cpu_ns, &cpu_sum)) {
      return Malformed("with this count the sum passes 2^63", line);
    }
    total_weight_ = weight_sum;
    total_cpu_ns_ = cpu_sum;
    profile_.AddSample(StackOf(frames), 0, count, cpu_ns);
  }

  StackId StackOf(std::string_view frames) {
    if (known_ == nullptr) return InternStack(frames);
    StackId* const known = known_->Find(frames);
    if (*known == 0) *known = InternStack(frames);
    return *known;
  }

  StackId InternStack(std::string_view frames) {
    StackId stack = 0;
    for (size_t begin = 0, end = 0; end != frames.size(); begin = end + 1) {
      end = std::min(frames.find(';', begin), frames.size());
      stack = profile_.InternStack(stack, FrameOf(frames.substr(begin, end - begin)));
    }
    return stack;
  }

  FrameId FrameOf(std::string_view name) {
    if (!seen_) seen_.emplace(text_.size());  // where all is known nobody asks
    SeenNames::Slot* slot = seen_->Find(name);
    // An empty slot says nothing of an empty name.
    if (slot->name == name && !name.empty()) return slot->frame;
    const FrameId frame = profile_.InternFrame(EscapeFoldedFrame(name));
    *slot = {name, frame};
    return frame;
  }

  void Malformed(const char* reason, std::string_view line) {
    ++report_.malformed_lines;
    if (report_.first_errors.size() == kMaxFoldedErrors) return;
    report_.first_errors.push_back({line_number_, std::string(reason) + ": " + Quoted(line)});
  }

  const std::string_view text_;
  KnownStacks* const known_;
  Profile& profile_;
  std::optional<SeenNames> seen_;
  FoldedReport report_;
  uint64_t line_number_ = 0;
  int64_t total_weight_ = 0;
  int64_t total_cpu_ns_ = 0;
};

}  // namespace

FoldedReport DecodeFoldedInto(std::string_view text, KnownStacks* known, Profile* profile) {
  profile->ClearSamples();
  profile->start_ns = profile->end_ns = profile->period_ns = 0;
  return Reader(text, known, profile).Read();
}

FoldedDocument DecodeFolded(std::string_view text) {
  FoldedDocument document;
  static_cast<FoldedReport&>(document) = DecodeFoldedInto(text, nullptr, &document.profile);
  return document;
}

}  // namespace stacksampler
