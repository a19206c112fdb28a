// SPDX-License-Identifier: MIT
//
// Purpose: what the tests of a segment's bytes share: the blocks of a small segment, to be changed, and
//   the file of them with the checksums that they would have, as somebody who may write the store
//   can forge it.
#ifndef STACKSAMPLER_TESTS_STORE_FORGED_SEGMENT_H_
#define STACKSAMPLER_TESTS_STORE_FORGED_SEGMENT_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/varint.h"
#include "store/cells.h"
#include "store/checksum.h"
#include "store/gdbm_file.h"
#include "store/merger.h"
#include "store/segment.h"
#include "store/segment_check.h"
#include "store/store_support.h"
#include "store/time_cells.h"
#include "store/window_refs.h"
#include "support/catch.h"

namespace stacksampler::store {

inline constexpr int64_t kSlice = kNoon / kSliceNs;
inline constexpr int64_t kEndNs = kNoon + 10 * kSecond;

// The blocks of a segment: one target {host=a} with two records of "main", which end ten and twenty
// seconds after noon and weigh 3 and 4, the first with times. Tests change one of them.
struct ForgedBlocks {
  static constexpr int64_t kBucketNs = 20'000'000;

  SegmentMeta meta;
  std::vector<Target> targets;
  std::map<std::string, std::string> payloads;

  ForgedBlocks() {
    meta = {3, kNoon, kEndNs, kEndNs + 10 * kSecond, 2, 7, 70};
    Target target;
    target.labels = 1;
    target.records = 2;
    target.slices = {kSlice};
    target.series = {{1, 10, kNoon, kEndNs, kEndNs + 10 * kSecond, "\3"}};
    target.timed_slices = {kSlice};
    target.longest_timed_ns = 10 * kSecond;
    targets = {target};
    Profile names;
    names.InternStack(0, names.InternFrame("main"));
    names.InternLabels({{"host", "a"}});
    EncodeDictionary(names, MarksOf(Profile()), &payloads["dict"]);
    payloads["total"] = Total(10, EncodeCells({{1, 7}}));
    PutText(&payloads["total/0"], EncodeCells({{1, 7}}));
    // Numbers in the order of the target, which has one stack.
    payloads[Rows()] = Row(kEndNs, 0, EncodeCells({{0, 3}})) +
                       Row(kEndNs + 10 * kSecond, 0, EncodeCells({{0, 4}}));
    payloads[Times()] = TimesRow(0, kBucketNs, EncodeTimeCells({{1, 5, 3}}));
    payloads["refs"] = WindowRefs().Encode(0);
  }

  static std::string Rows() { return RowsKey(0, kSlice); }
  static std::string Times() { return TimesKey(0, kSlice); }

  static std::string Total(int64_t period_ns, const std::string& cells) {
    std::string out;
    PutVarint(&out, 1);
    PutVarint(&out, static_cast<uint64_t>(period_ns));
    PutText(&out, cells);
    return out;
  }
  // Ten seconds long, with one run.
  static std::string Row(int64_t end_ns, uint64_t series, const std::string& cells) {
    std::string out;
    PutVarint(&out, static_cast<uint64_t>(end_ns - kSlice * kSliceNs));
    PutVarint(&out, static_cast<uint64_t>(10 * kSecond));
    PutVarint(&out, 1);
    PutVarint(&out, series);
    PutText(&out, cells);
    return out;
  }
  // Of the first record.
  static std::string TimesRow(uint64_t skipped, int64_t bucket_ns, const std::string& cells) {
    std::string out;
    PutVarint(&out, skipped);
    PutVarint(&out, static_cast<uint64_t>(bucket_ns));
    return out + Row(kEndNs, 0, cells);
  }
};

// What is asked for: all of it, what ends with the first record, its times, its volumes.
enum class Question { kAll, kFirst, kTimes, kVolumes, kSeries, kRefs };

class ForgedSegment {
 public:
  explicit ForgedSegment(const ForgedBlocks& blocks) : path_(dir_.path("segment")) {
    auto file = GdbmFile::Create(path_);
    REQUIRE(file.ok());
    REQUIRE(file->Put(kMetaKey, FormatMeta(blocks.meta)).ok());
    std::map<std::string, std::string> payloads = blocks.payloads;
    payloads.emplace(kOrderedTargetsKey, EncodeTargets(blocks.targets));
    for (const auto& [key, payload] : payloads) {
      if (payload != kLeftOut) REQUIRE(file->Put(key, PackBlock(key, payload)).ok());
    }
    REQUIRE(file->Finish().ok());
  }

  /// kFirst and kAll tell the weight of what they read.
  [[nodiscard]] Status Ask(Question question, int64_t* weight = nullptr) const {
    auto segment = Segment::Open(path_);
    if (!segment.ok()) return segment.status();
    Profile vocabulary;
    switch (question) {
      case Question::kAll:
        return Weigh(&*segment, {}, weight);
      case Question::kFirst:
        return Weigh(&*segment, {INT64_MIN, kEndNs, {}, false}, weight);
      case Question::kTimes:
        return AddTimes(&*segment);
      case Question::kVolumes:
        return AddVolumes(&*segment);
      case Question::kSeries: {
        std::set<LabelSetId> found;
        return segment->CollectSeries({kEndNs + 1, kEndNs + 2}, &vocabulary, &found);
      }
      case Question::kRefs:
        return segment->Refs().status();
    }
    return Status::Ok();
  }
  [[nodiscard]] std::vector<std::string> Problems() const {
    const auto checked = CheckSegment(path_);
    REQUIRE(checked.ok());
    return checked->problems;
  }
  [[nodiscard]] std::vector<std::string> ProblemsOfDay() const {
    const auto checked = CheckDay(path_);
    REQUIRE(checked.ok());
    return checked->problems;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

  static constexpr const char* kLeftOut = "left out";

 private:
  static Status Weigh(Segment* segment, const Query& query, int64_t* weight) {
    Profile vocabulary;
    Merger merger(query, vocabulary);
    const Status status = segment->Merge({&merger}, &vocabulary);
    const auto profile = merger.Take();
    if (weight != nullptr) *weight = profile.ok() ? profile->TotalWeight() : -1;
    return status;
  }
  static Status AddTimes(Segment* segment) {
    Profile vocabulary;
    const SampleTimesQuery query = {0, INT64_MAX, {}, true};
    TimesSums sums(query, vocabulary);
    return segment->AddTimes(&sums, &vocabulary);
  }
  static Status AddVolumes(Segment* segment) {
    Profile vocabulary;
    const VolumeQuery query = {kEndNs, kEndNs + 20 * kSecond, {}, 5 * kSecond};
    VolumeSums sums(query, vocabulary);
    return segment->AddVolumes(&sums, &vocabulary);
  }

  TempDir dir_;
  std::string path_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_FORGED_SEGMENT_H_
