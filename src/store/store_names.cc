// SPDX-License-Identifier: MIT
#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "store/import_mark.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kSegmentSuffix = ".gdbm";
constexpr std::string_view kJournalSuffix = ".wal";
constexpr std::string_view kDamagedSuffix = ".wal.damaged";
constexpr std::string_view kDamagedSegmentSuffix = ".gdbm.damaged";
constexpr std::string_view kUnfinishedSuffix = ".tmp";
constexpr size_t kStartDigits = 19;
constexpr size_t kNumberDigits = 8;

std::string Padded(uint64_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string Name(char letter, const Stem& stem, std::string_view suffix) {
  std::string name = {letter, '-'};
  name += Padded(static_cast<uint64_t>(stem.start_ns), kStartDigits) + "-";
  return name.append(Padded(stem.number, kNumberDigits)).append(suffix);
}

// Reads "-" and a number as Padded() writes it: a name that differs in zeros is none of ours. A
// store has thousands of names, and every query lists them.
bool TakeNumber(std::string_view* text, size_t width, uint64_t* number) {
  if (text->empty() || text->front() != '-') return false;
  text->remove_prefix(1);
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), *number);
  const auto digits = static_cast<size_t>(parsed.ptr - text->data());
  if (parsed.ec != std::errc() || digits < width) return false;
  if (digits > width && text->front() == '0') return false;
  text->remove_prefix(digits);
  return true;
}

// The stem of "<letter>-<start>-<number><suffix>".
std::optional<Stem> StemOf(std::string_view name, char letter, std::string_view suffix) {
  uint64_t start = 0;
  Stem stem;
  if (name.empty() || name.front() != letter) return std::nullopt;
  name.remove_prefix(1);
  const bool good = TakeNumber(&name, kStartDigits, &start) && start <= INT64_MAX &&
                    TakeNumber(&name, kNumberDigits, &stem.number) && name == suffix;
  stem.start_ns = static_cast<int64_t>(start);
  return good ? std::optional<Stem>(stem) : std::nullopt;
}

std::optional<DayStem> DayStemOf(std::string_view name) {
  uint64_t start = 0;
  DayStem day;
  if (name.empty() || name.front() != 'd') return std::nullopt;
  name.remove_prefix(1);
  const bool good = TakeNumber(&name, kStartDigits, &start) && start <= INT64_MAX &&
                    TakeNumber(&name, kNumberDigits, &day.first) &&
                    TakeNumber(&name, kNumberDigits, &day.last) && day.first <= day.last &&
                    name == kSegmentSuffix;
  day.start_ns = static_cast<int64_t>(start);
  return good ? std::optional<DayStem>(day) : std::nullopt;
}

// What WriteGdbmFile() and ReplaceSmallFile() leave when their process ends. Others' files of such
// names stay.
bool IsUnfinished(std::string_view name) {
  if (name.size() < kUnfinishedSuffix.size()) return false;
  const size_t size = name.size() - kUnfinishedSuffix.size();
  if (name.substr(size) != kUnfinishedSuffix) return false;
  name = name.substr(0, size);
  return name == kStoreName || IsImportMarkName(std::string(name)) ||
         StemOf(name, 'h', kSegmentSuffix).has_value() || DayStemOf(name).has_value();
}

bool ByNumber(const Stem& a, const Stem& b) { return a.number < b.number; }

void Sort(Listing* listing) {
  std::sort(listing->segments.begin(), listing->segments.end(), ByNumber);
  std::sort(listing->journals.begin(), listing->journals.end(), ByNumber);
  std::sort(listing->damaged.begin(), listing->damaged.end(), ByNumber);
  std::sort(listing->damaged_segments.begin(), listing->damaged_segments.end(), ByNumber);
  std::sort(listing->days.begin(), listing->days.end(),
            [](const DayStem& a, const DayStem& b) { return a.first < b.first; });
  // A sealed segment wins over the journal that it was made from, and so does a total that the
  // segment went into.
  std::vector<Stem> all = std::move(listing->journals);
  listing->journals.clear();
  for (const Stem& journal : all) {
    const auto it =
        std::lower_bound(listing->segments.begin(), listing->segments.end(), journal, ByNumber);
    const bool sealed = (it != listing->segments.end() && *it == journal) ||
                        std::any_of(listing->days.begin(), listing->days.end(),
                                    [&](const DayStem& day) { return day.Has(journal); });
    (sealed ? listing->sealed_journals : listing->journals).push_back(journal);
  }
}

}  // namespace

std::string JournalName(const Stem& stem) { return Name('j', stem, kJournalSuffix); }
std::string SegmentName(const Stem& stem) { return Name('h', stem, kSegmentSuffix); }
std::string DamagedName(const Stem& stem) { return Name('j', stem, kDamagedSuffix); }
std::string DayName(const DayStem& day) {
  std::string name = Name('d', {day.start_ns, day.first}, "-");
  return name.append(Padded(day.last, kNumberDigits)).append(kSegmentSuffix);
}

std::string DamagedSegmentName(const Stem& stem) { return Name('h', stem, kDamagedSegmentSuffix); }

std::string PathIn(const std::string& dir, const std::string& name) { return dir + "/" + name; }

Result<std::vector<std::string>> ListNames(const std::string& dir) {
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(dir.c_str()), closedir);
  if (handle == nullptr) {
    return ErrnoStatus(errno, "list " + dir, "name a store's directory that this user may read");
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(handle.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return ErrnoStatus(errno, "list " + dir);
  return names;
}

Result<Listing> ListStore(const std::string& dir) {
  const Result<std::vector<std::string>> names = ListNames(dir);
  if (!names.ok()) return names.status();
  Listing listing;
  for (const std::string& name : *names) {
    if (const auto segment = StemOf(name, 'h', kSegmentSuffix)) {
      listing.segments.push_back(*segment);
    } else if (const auto day = DayStemOf(name)) {
      listing.days.push_back(*day);
    } else if (const auto journal = StemOf(name, 'j', kJournalSuffix)) {
      listing.journals.push_back(*journal);
    } else if (const auto damaged = StemOf(name, 'j', kDamagedSuffix)) {
      listing.damaged.push_back(*damaged);
    } else if (const auto aside = StemOf(name, 'h', kDamagedSegmentSuffix)) {
      listing.damaged_segments.push_back(*aside);
    }
    if (IsUnfinished(name)) listing.unfinished.push_back(name);
  }
  Sort(&listing);
  return listing;
}

uint64_t LastNumber(const Listing& listing) {
  uint64_t last = listing.days.empty() ? 0 : listing.days.back().last;
  for (const auto* stems : {&listing.segments, &listing.journals, &listing.sealed_journals,
                            &listing.damaged, &listing.damaged_segments}) {
    if (!stems->empty()) last = std::max(last, stems->back().number);
  }
  return last;
}

bool HasAllSegments(const Listing& listing, const DayStem& day) {
  const auto there = std::count_if(listing.segments.begin(), listing.segments.end(),
                                   [&](const Stem& stem) { return day.Has(stem); });
  return static_cast<uint64_t>(there) == day.last - day.first + 1;
}

}  // namespace stacksampler::store
