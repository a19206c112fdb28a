// SPDX-License-Identifier: MIT
//
// Purpose: reads one sealed segment, or the total of a day, which is one without rows.
// Shapes: what every query needs (head, table of targets, ids in the vocabulary) is read once and
//   kept; cells are fetched as a query needs them, from the coarsest tile that fits: all series,
//   one target, quarters of an hour. The file is open only meanwhile: opening costs microseconds,
//   and descriptors are few.
// Thread safety: one thread at a time.
// Errors: kNotFound when the file is gone (list again); else the first damage, while all that is
//   not damaged was still taken.
#ifndef STACKSAMPLER_STORE_SEGMENT_H_
#define STACKSAMPLER_STORE_SEGMENT_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/dictionary.h"
#include "store/file_identity.h"
#include "store/gdbm_file.h"
#include "store/merger.h"
#include "store/segment_layout.h"
#include "store/segment_rows.h"
#include "store/times_sums.h"
#include "store/volume.h"

namespace stacksampler::store {

class Segment {
 public:
  /// Reads the head of the file.
  static Result<Segment> Open(const std::string& path);

  [[nodiscard]] const SegmentMeta& meta() const { return meta_; }

  /// Adds each record to the merger in whose range it is; a block is read once for all of them.
  /// `vocabulary` must be the same in every call. REQUIRES: ranges that do not overlap.
  Status Merge(const std::vector<Merger*>& mergers, Profile* vocabulary);
  /// The range from the first to the last end of its records in `range`; nothing when none is.
  Result<std::optional<Range>> Narrow(const Range& range, Profile* vocabulary);
  /// Adds the volumes of the records in the sums' range.
  Status AddVolumes(VolumeSums* sums, Profile* vocabulary);
  /// Adds the sample times in the sums' range.
  Status AddTimes(TimesSums* sums, Profile* vocabulary);
  /// Adds the label sets (of the vocabulary) with a record in the range.
  Status CollectSeries(const Range& range, Profile* vocabulary, std::set<LabelSetId>* found);
  /// The windows stored as of the segment's end: for WindowRefs::Decode().
  Result<std::string> Refs();

  /// What stacks in rows mean, and where records end, is kept where rows were read: for the next
  /// question, until this.
  [[nodiscard]] bool keeps_rows() const { return !row_stacks_.empty() || !ends_.empty(); }
  void ForgetRows() {
    row_stacks_.clear();
    ends_.clear();
  }

  // ---- Piece by piece, from a file that is kept open.
  /// kNotFound where another file has its name by now: what is known of this one is not for that.
  Result<GdbmFile> OpenFile() const;
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }
  /// Reads the dictionary and the table of targets, unless it did before.
  Status Load(GdbmFile* file, Profile* vocabulary);
  [[nodiscard]] const std::vector<Target>& targets() const { return tables_.targets; }
  /// From the file's ids to the vocabulary's.
  [[nodiscard]] const DictionaryMap& ids() const { return tables_.ids; }
  /// Calls visit(series, cells) for the sums of each series of a target; false is damage.
  template <typename Visit>
  Status ForEachTotal(GdbmFile* file, size_t target, Visit visit) const;

 private:
  explicit Segment(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] bool IsWantedWhole(Merger* merger) const;
  Status MergeTotal(GdbmFile* file, Merger* merger);
  Status MergeTarget(GdbmFile* file, size_t target, const std::vector<Merger*>& mergers);
  Status AddTargetVolumes(GdbmFile* file, size_t target, VolumeSums* sums);
  Status AddTargetTimes(GdbmFile* file, size_t target, TimesSums* sums);
  Status MergeRows(GdbmFile* file, size_t target, const std::vector<Merger*>& mergers);
  Result<const std::vector<StackId>*> StacksOfRows(GdbmFile* file, size_t target);
  Result<const std::vector<int64_t>*> EndsAround(int64_t ns, Profile* vocabulary);
  Status CollectTarget(GdbmFile* file, size_t target, const Range& range,
                       std::set<LabelSetId>* found);
  // What is good is taken, and the first damage reported.
  static void KeepFirst(Status* first, Status status) {
    if (first->ok()) *first = std::move(status);
  }
  // Calls visit(file, target) for each target.
  template <typename Visit>
  Status ForEachTarget(Profile* vocabulary, Visit visit);
  // Calls visit(row) for the records of a target with their ends in the range; false is damage.
  template <typename Visit>
  Status ForEachRow(GdbmFile* file, size_t target, const Range& range, Visit visit);
  [[nodiscard]] LabelSetId LabelsOf(const Series& series) const {
    return ids().label_sets()[series.labels];
  }

  std::string path_;
  FileIdentity identity_;
  SegmentMeta meta_;
  bool loaded_ = false;
  SegmentTables tables_;
  std::map<size_t, std::vector<StackId>> row_stacks_;  // by target
  std::map<int64_t, std::vector<int64_t>> ends_;  // of records, by slice, where a range cut one
};

template <typename Visit>
Status Segment::ForEachTotal(GdbmFile* file, size_t target, Visit visit) const {
  const std::string key = TargetTotalKey(target);
  const Result<std::string> block = FetchBlock(file, path_, key);
  if (!block.ok()) return block.status();
  ByteReader in(*block);
  for (const Series& series : targets()[target].series) {
    if (!visit(series, in.Text())) in.Fail();
  }
  return in.done() ? Status::Ok() : DamagedBlock(path_, key);
}

template <typename Visit>
Status Segment::ForEachTarget(Profile* vocabulary, Visit visit) {
  Result<GdbmFile> file = OpenFile();
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) KeepFirst(&first, visit(&*file, i));
  return first;
}

template <typename Visit>
Status Segment::ForEachRow(GdbmFile* file, size_t target, const Range& range, Visit visit) {
  Status first;
  for (const int64_t slice : targets()[target].slices) {
    const int64_t begin_ns = slice * kSliceNs;
    if (!range.Meets(begin_ns, begin_ns + (kSliceNs - 1))) continue;
    KeepFirst(&first,
              ForEachRowOf(file, path_, targets()[target], target, slice, [&](const Row& row) {
                return !range.Contains(row.end_ns) || visit(row);
              }));
  }
  return first;
}

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_H_
