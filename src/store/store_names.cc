// SPDX-License-Identifier: MIT
#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kUnfinishedSuffix = ".tmp";

std::string Name(char letter, const Stem& stem, const char* suffix) {
  char name[64];
  const int size = std::snprintf(name, sizeof name, "%c-%019" PRId64 "-%08" PRIu64 "%s", letter,
                                 stem.start_ns, stem.number, suffix);
  return {name, static_cast<size_t>(size)};
}

bool EndsWith(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
}

// The stem of a name, when `name_of(stem)` is exactly that name.
std::optional<Stem> StemOf(const std::string& name, std::string (*name_of)(const Stem&)) {
  Stem stem;
  const char* end = name.data() + name.size();
  const auto start =
      std::from_chars(name.data() + std::min<size_t>(2, name.size()), end, stem.start_ns);
  if (start.ec != std::errc() || start.ptr == end) return std::nullopt;
  const auto number = std::from_chars(start.ptr + 1, end, stem.number);
  if (number.ec != std::errc() || name_of(stem) != name) return std::nullopt;
  return stem;
}

bool ByNumber(const Stem& a, const Stem& b) { return a.number < b.number; }

void Sort(Listing* listing) {
  std::sort(listing->segments.begin(), listing->segments.end(), ByNumber);
  std::sort(listing->journals.begin(), listing->journals.end(), ByNumber);
  std::sort(listing->damaged.begin(), listing->damaged.end(), ByNumber);
  std::sort(listing->damaged_segments.begin(), listing->damaged_segments.end(), ByNumber);
  // A sealed segment wins over the journal that it was made from.
  std::vector<Stem> all = std::move(listing->journals);
  listing->journals.clear();
  for (const Stem& journal : all) {
    const auto it =
        std::lower_bound(listing->segments.begin(), listing->segments.end(), journal, ByNumber);
    const bool sealed = it != listing->segments.end() && *it == journal;
    (sealed ? listing->sealed_journals : listing->journals).push_back(journal);
  }
}

}  // namespace

std::string JournalName(const Stem& stem) { return Name('j', stem, ".wal"); }
std::string SegmentName(const Stem& stem) { return Name('h', stem, ".gdbm"); }
std::string DamagedName(const Stem& stem) { return JournalName(stem) + ".damaged"; }

std::string DamagedSegmentName(const Stem& stem) { return SegmentName(stem) + ".damaged"; }

std::string PathIn(const std::string& dir, const std::string& name) { return dir + "/" + name; }

Result<std::vector<std::string>> ListNames(const std::string& dir) {
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(dir.c_str()), closedir);
  if (handle == nullptr) return ErrnoStatus(errno, "list " + dir);
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
    if (const auto segment = StemOf(name, SegmentName)) listing.segments.push_back(*segment);
    if (const auto journal = StemOf(name, JournalName)) listing.journals.push_back(*journal);
    if (const auto damaged = StemOf(name, DamagedName)) listing.damaged.push_back(*damaged);
    if (const auto segment = StemOf(name, DamagedSegmentName)) {
      listing.damaged_segments.push_back(*segment);
    }
    if (EndsWith(name, kUnfinishedSuffix)) listing.unfinished.push_back(name);
  }
  Sort(&listing);
  return listing;
}

}  // namespace stacksampler::store
