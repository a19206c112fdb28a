// SPDX-License-Identifier: MIT
#include "store/legacy_entry.h"

#include <algorithm>

#include "store/segment_layout.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// Cuts digits and the colon before them off the end of `*text`. Written for speed: an import is
// mostly this.
bool CutNumber(std::string_view* text, int64_t* number) {
  uint64_t value = 0;
  uint64_t unit = 1;
  size_t at = text->size();
  for (; at > 0 && (*text)[at - 1] >= '0' && (*text)[at - 1] <= '9'; --at) {
    uint64_t part = 0;
    const auto digit = static_cast<uint64_t>((*text)[at - 1] - '0');
    if (__builtin_mul_overflow(digit, unit, &part) || part > INT64_MAX - value) return false;
    value += part;
    // Further digits can only be zeros, then: 10^19 fits, and times a digit overflows above.
    if (unit <= UINT64_MAX / 10) unit *= 10;
  }
  if (at == text->size() || at == 0 || (*text)[at - 1] != ':') return false;
  *number = static_cast<int64_t>(value);
  text->remove_suffix(text->size() - (at - 1));
  return true;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view ValueOf(const Labels& labels, std::string_view key, std::string_view otherwise) {
  for (const auto& [name, value] : labels) {
    if (name == key && !value.empty()) return value;
  }
  return otherwise;
}

}  // namespace

bool ParseLegacyEntry(std::string_view text, LegacyEntry* entry) {
  std::string bare;
  if (!text.empty() && text.back() == '\'') {
    const size_t colon = text.rfind(":b'");
    if (colon == std::string_view::npos) return false;
    bare.append(text.substr(0, colon + 1)).append(text.substr(colon + 3));
    bare.pop_back();
    if (!ParseLegacyEntry(bare, entry)) return false;
    entry->target = text.substr(0, entry->target.size());
    return true;
  }
  if (!CutNumber(&text, &entry->count) || !CutNumber(&text, &entry->time_s)) return false;
  if (entry->time_s >= kMaxTimeNs / kSecondNs) return false;
  entry->target = text;
  int64_t port = 0;
  return CutNumber(&text, &port) && port <= UINT16_MAX;
}

void PutLegacyEntry(const LegacyEntry& entry, std::string* out) {
  out->append(entry.target).append(":").append(std::to_string(entry.time_s));
  out->append(":").append(std::to_string(entry.count)).append(" ");
}

std::string_view NextLegacyWord(std::string_view* text) {
  size_t begin = 0;
  while (begin < text->size() && IsSpace((*text)[begin])) ++begin;
  size_t end = begin;
  while (end < text->size() && !IsSpace((*text)[end])) ++end;
  const std::string_view word = text->substr(begin, end - begin);
  text->remove_prefix(end);
  return word;
}

Labels LegacyTargetLabels(std::string_view target) {
  const size_t colon = target.rfind(':');
  return {{"host", std::string(target.substr(0, colon))},
          {"port", std::string(target.substr(colon + 1))}};
}

std::string LegacyTargetName(const Labels& labels) {
  std::string host(ValueOf(labels, "host", "unknown"));
  std::string port(ValueOf(labels, "port", "0"));
  for (std::string* part : {&host, &port}) {
    std::replace_if(
        part->begin(), part->end(), [](char c) { return c == ':' || IsSpace(c); }, '_');
  }
  return host + ":" + port;
}

}  // namespace stacksampler::store
