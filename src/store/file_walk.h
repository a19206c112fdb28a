// SPDX-License-Identifier: MIT
//
// Purpose: takes a query through the files of a store: totals of days or their segments, then the
//   journals of open windows.
// Thread safety: one thread at a time.
// Errors: kNotFound when a file vanished: list again. A damaged file is named in a warning, and
//   the rest still counts.
#ifndef STACKSAMPLER_STORE_FILE_WALK_H_
#define STACKSAMPLER_STORE_FILE_WALK_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "store/contents.h"
#include "store/kept_files.h"
#include "store/merger.h"

namespace stacksampler::store {

/// What a query takes of a day: its total, or its segments one by one.
enum class Use { kNothing, kTotal, kSegments };
Use UseFor(const Range& range, const SegmentMeta& day);

/// What a walk calls.
struct FileVisitor {
  std::function<Use(const SegmentMeta& day)> use;
  std::function<Status(Segment*)> on_segment;  // a day's total as well
  std::function<void(const JournalTail&)> on_tail;
  /// Said of a day whose segments are wanted and gone; "" where that is as it should be.
  std::function<std::string(const SegmentMeta& day)> of_gone = [](const SegmentMeta&) {
    return "the range takes a part of this day, of which only the total is kept; windows are "
           "missing: ask for whole days (UTC)";
  };
};

class FileWalk {
 public:
  /// Leaves out sealed files that do not meet the range. `files` must outlive it, and is listed.
  FileWalk(KeptFiles* files, const Range& range) : files_(files), range_(range) {}
  /// Adds as well to `name`, which must outlive it, what it finds of journals in the range, and
  /// spoils it where something cannot be read.
  FileWalk(KeptFiles* files, const Range& range, ContentsName* name)
      : files_(files), range_(range), name_(name) {}

  /// Visits what is sealed and then the journals.
  Status Visit(const FileVisitor& visitor);
  Status VisitTails(const std::function<void(const JournalTail&)>& on_tail);
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Status VisitSealed(const FileVisitor& visitor);
  Status VisitBefore(uint64_t number, const FileVisitor& visitor);
  Status VisitDay(const DayStem& day, const FileVisitor& visitor);
  Status VisitFile(const std::string& path, const FileVisitor& visitor);
  Status VisitSegment(const std::string& path, const FileVisitor& visitor);
  Result<SegmentMeta> MetaOf(const std::string& path);
  void NoteTail(const std::string& path, const KeptTail& kept, const std::string& problem);
  void WarnOfMissing(const std::string& problem);
  void WarnSetAside(const std::string& name);

  KeptFiles* files_;
  Range range_;
  ContentsName* name_ = nullptr;
  std::vector<std::string> warnings_;
  size_t next_ = 0;       // of the listing's segments
  uint64_t records_ = 0;  // of the files visited since it was set to 0
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_FILE_WALK_H_
