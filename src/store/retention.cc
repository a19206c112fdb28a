// SPDX-License-Identifier: MIT
#include "store/retention.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

#include "base/errno_status.h"
#include "store/segment.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

int64_t Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

struct File {
  std::string path;
  uint64_t bytes = 0;
  std::string journal;  // that a segment was made from; it may be there still
  int64_t modified_ns = 0;
};

// Segments that go together: those of a total, or one that has none yet.
struct Group {
  std::vector<File> segments;
  File total;  // without a path when there is none
  bool total_is_young = false;
  int64_t start_ns = 0;

  [[nodiscard]] uint64_t segment_bytes() const {
    uint64_t bytes = 0;
    for (const File& file : segments) bytes += file.bytes;
    return bytes;
  }
  [[nodiscard]] bool has_total() const { return !total.path.empty(); }
};

class Retention {
 public:
  Retention(const std::string& dir, const WriterOptions& options, const TellLine& warn)
      : dir_(dir), options_(options), warn_(warn) {}

  Removed Run(const Listing& listing) {
    MakeGroups(listing);
    // The newest group is what the store is appended to.
    if (groups_.size() < 2) return removed_;
    const int64_t newest_ns = std::min(Now(), LastEnd(groups_.back()));
    ExpireTotals(newest_ns);
    ExpireSegments(newest_ns);
    return removed_;
  }

 private:
  [[nodiscard]] File StatSegment(const Stem& stem) const {
    File file = Stat(SegmentName(stem));
    file.journal = PathIn(dir_, JournalName(stem));
    return file;
  }

  // What cannot be looked at may have been written just now: for this time it takes no room.
  [[nodiscard]] File Stat(const std::string& name) const {
    struct stat info = {};
    File file{PathIn(dir_, name), 0, "", Now()};
    if (stat(file.path.c_str(), &info) != 0) {
      if (errno != ENOENT) warn_(ErrnoStatus(errno, "stat " + file.path).message());
      return file;
    }
    file.bytes = static_cast<uint64_t>(info.st_size);
    file.modified_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
    return file;
  }

  // Of a damaged file the name tells about when it was.
  static int64_t LastEnd(const Group& group) {
    const Result<Segment> segment =
        Segment::Open(group.has_total() ? group.total.path : group.segments.back().path);
    return segment.ok() ? segment->meta().last_end_ns : group.start_ns + kDayNs;
  }

  void MakeGroups(const Listing& listing) {
    auto segment = listing.segments.begin();
    const auto add_single = [&] {
      Group& group = groups_.emplace_back();
      group.segments.push_back(StatSegment(*segment));
      group.start_ns = segment->start_ns;
      ++segment;
    };
    for (const DayStem& day : listing.days) {
      while (segment != listing.segments.end() && segment->number < day.first) add_single();
      Group& group = groups_.emplace_back();
      group.total = Stat(DayName(day));
      group.start_ns = day.start_ns;
      const std::chrono::nanoseconds grace = options_.journal_grace;
      group.total_is_young = Now() - group.total.modified_ns < grace.count();
      for (; segment != listing.segments.end() && day.Has(*segment); ++segment) {
        group.segments.push_back(StatSegment(*segment));
      }
    }
    while (segment != listing.segments.end()) add_single();
  }

  void ExpireTotals(int64_t newest_ns) {
    uint64_t bytes = 0;
    for (const Group& group : groups_) bytes += group.total.bytes;
    const Keep& keep = options_.keep_days;
    const auto newest = std::find_if(groups_.rbegin(), groups_.rend(),
                                     [](const Group& group) { return group.has_total(); });
    for (Group& group : groups_) {
      if (newest == groups_.rend() || &group == &*newest) return;
      if (!group.has_total()) continue;
      if (!IsTooMuch(bytes, keep) && !IsOld(group, keep, newest_ns)) return;
      if (group.total_is_young) continue;
      bytes -= group.total.bytes;
      // The total last: it tells readers that segments of it are missing.
      if (RemoveSegments(&group)) Remove(group.total);
    }
  }

  void ExpireSegments(int64_t newest_ns) {
    uint64_t bytes = 0;
    for (const Group& group : groups_) bytes += group.segment_bytes();
    const Keep& keep = options_.keep_segments;
    for (size_t i = 0; i + 1 < groups_.size(); ++i) {
      Group& group = groups_[i];
      if (group.segments.empty()) continue;
      const bool too_much = IsTooMuch(bytes, keep);
      if (!too_much && !IsOld(group, keep, newest_ns)) return;
      if (group.total_is_young || !(too_much || group.has_total())) continue;
      bytes -= group.segment_bytes();
      RemoveSegments(&group);
    }
  }

  // Groups are about in the order of time, so that what follows one that is not old is not asked.
  static bool IsOld(const Group& group, const Keep& keep, int64_t newest_ns) {
    return keep.age_ns > 0 && LastEnd(group) < newest_ns - keep.age_ns;
  }
  static bool IsTooMuch(uint64_t bytes, const Keep& keep) {
    return keep.bytes > 0 && bytes > keep.bytes;
  }

  bool RemoveSegments(Group* group) {
    bool all = true;
    for (const File& file : group->segments) all = Remove(file) && all;
    group->segments.clear();
    return all;
  }

  // The journal first: without its segment it would be the window again.
  bool Remove(const File& file) {
    if (!file.journal.empty() && unlink(file.journal.c_str()) != 0 && errno != ENOENT) {
      warn_(ErrnoStatus(errno, "remove " + file.journal).message());
      return false;
    }
    if (unlink(file.path.c_str()) != 0 && errno != ENOENT) {
      warn_(ErrnoStatus(errno, "remove " + file.path).message());
      return false;
    }
    removed_.files += 1;
    removed_.bytes += file.bytes;
    return true;
  }

  const std::string& dir_;
  const WriterOptions& options_;
  const TellLine& warn_;
  std::vector<Group> groups_;  // in the order of the windows' numbers
  Removed removed_;
};

}  // namespace

Removed RemoveExpired(const std::string& dir, const WriterOptions& options, const TellLine& warn) {
  const Keep& segments = options.keep_segments;
  const Keep& days = options.keep_days;
  if (segments.age_ns <= 0 && segments.bytes == 0 && days.age_ns <= 0 && days.bytes == 0) return {};
  const Result<Listing> listing = ListStore(dir);
  if (!listing.ok()) {
    warn(listing.status().message());
    return {};
  }
  return Retention(dir, options, warn).Run(*listing);
}

}  // namespace stacksampler::store
