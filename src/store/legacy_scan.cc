// SPDX-License-Identifier: MIT
#include "store/legacy_scan.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "stacksampler/folded.h"
#include "store/checksum.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kMinuteS = 60;
constexpr size_t kMaxQuotedBytes = 60;
constexpr uint64_t kProgressStacks = 64;

}  // namespace

template <typename Visit>
void LegacyScan::ForEachEntry(std::string_view entries, Visit visit) {
  LegacyEntry entry;
  for (;;) {
    const std::string_view word = NextLegacyWord(&entries);
    if (word.empty()) return;
    if (ParseLegacyEntry(word, &entry)) {
      visit(entry);
    } else {
      Malformed(word);
    }
  }
}

Status LegacyScan::Count() {
  return file_->ForEachStack([&](std::string_view stack, std::string_view entries) {
    stack_ids_.push_back(InternStack(stack));
    const uint64_t stack_check = Checksum(stack);
    ForEachEntry(entries, [&](const LegacyEntry& entry) { CountEntry(stack_check, entry); });
  });
}

void LegacyScan::CountEntry(uint64_t stack_check, const LegacyEntry& entry) {
  ++entries_;
  TargetId(entry.target);
  const int64_t minute = entry.time_s / kMinuteS;
  if (last_minute_ == minutes_.end() || last_minute_->first != minute) {
    last_minute_ = minutes_.try_emplace(minute).first;
  }
  ++last_minute_->second;
  if (entry.time_s > first_time_s_) return;
  if (entry.time_s < first_time_s_) first_check_ = 0;
  first_time_s_ = entry.time_s;
  std::string text;
  PutLegacyEntry(entry, &text);
  first_check_ += Checksum(text, stack_check);
}

Status LegacyScan::Take(const TimeSpan& span, std::vector<HeldEntry>* held) {
  uint64_t number = 0;
  Status status = file_->ForEachStack([&](std::string_view /*stack*/, std::string_view entries) {
    // More stacks than were counted: the file is being written, which is noticed afterwards.
    if (number >= stack_ids_.size()) return;
    const StackId stack = stack_ids_[number];
    ForEachEntry(entries, [&](const LegacyEntry& entry) {
      if (entry.time_s < span.from_s || entry.time_s >= span.until_s) return;
      held->push_back({entry.time_s, entry.count, TargetId(entry.target), stack});
    });
    if (++number % kProgressStacks != 0) return;
    on_progress_(static_cast<double>(number) / static_cast<double>(stack_ids_.size()));
  });
  return status;
}

std::vector<TimeSpan> LegacyScan::Spans(uint64_t max_entries) const {
  std::vector<TimeSpan> spans;
  uint64_t held = 0;
  for (const auto& [minute, entries] : minutes_) {
    if (spans.empty() || held + entries > max_entries) {
      spans.push_back({minute * kMinuteS, 0});
      held = 0;
    }
    held += entries;
    spans.back().until_s = (minute + 1) * kMinuteS;
  }
  return spans;
}

std::string LegacyScan::Source() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, first_check_);
  return text;
}

StackId LegacyScan::InternStack(std::string_view stack) {
  StackId id = 0;
  for (size_t begin = 0, end = 0; end != stack.size(); begin = end + 1) {
    end = std::min(stack.find(';', begin), stack.size());
    const std::string name = EscapeFoldedFrame(stack.substr(begin, end - begin));
    id = names_.InternStack(id, names_.InternFrame(name));
  }
  return id;
}

uint32_t LegacyScan::TargetId(std::string_view target) {
  if (!targets_.empty() && targets_[last_target_] == target) return last_target_;
  auto it = target_ids_.find(target);
  if (it == target_ids_.end()) {
    it = target_ids_.emplace(target, static_cast<uint32_t>(targets_.size())).first;
    targets_.emplace_back(target);
  }
  return last_target_ = it->second;
}

void LegacyScan::Malformed(std::string_view word) {
  if (malformed_++ == 0) first_malformed_ = EscapeFoldedFrame(word.substr(0, kMaxQuotedBytes));
}

}  // namespace stacksampler::store
