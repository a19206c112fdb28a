// SPDX-License-Identifier: MIT
//
// Keys and values as a sealed segment, and as the total of a day, whose checksums are good.
#include "store/segment.h"

#include "fuzz/profile_checks.h"
#include "fuzz/store_bytes.h"
#include "store/checksum.h"
#include "store/merger.h"
#include "store/segment_check.h"
#include "store/window_refs.h"

using namespace stacksampler;

namespace {

// The head is the one value that is text, and carries its check in it.
std::string Pack(std::string_view key, std::string_view value) {
  if (key == store::kMetaKey) return store::WithCheck(std::string(value));
  return store::PackBlock(key, value);
}

void CheckMerge(store::Segment* segment, const store::Query& query, bool is_whole, int64_t weight) {
  Profile vocabulary;
  store::Merger merger(query, vocabulary);
  const Status status = segment->Merge({&merger}, &vocabulary);
  const auto profile = merger.Take();
  if (profile.ok()) fuzz::CheckProfile(*profile);
  if (!is_whole) return;
  fuzz::Promise(status.ok(), "what a check finds good, a query reads");
  fuzz::Promise(!profile.ok() || profile->TotalWeight() == weight, "and gives all of it");
}

// A segment keeps the ids of one vocabulary: each question gets its own.
void Ask(const std::string& path, bool is_whole, int64_t weight) {
  for (int kind = 0; kind < 4; ++kind) {
    auto segment = store::Segment::Open(path);
    if (!segment.ok()) return;
    store::Query query;
    query.keep_labels = kind % 2 == 1;
    if (kind >= 2) query.from_ns = segment->meta().first_end_ns;
    CheckMerge(&*segment, query, is_whole && kind < 2, weight);
  }
}

// Where its records lie, by which answers are known again.
void Narrow(const std::string& path) {
  auto segment = store::Segment::Open(path);
  if (!segment.ok()) return;
  Profile vocabulary;
  const store::SegmentMeta& meta = segment->meta();
  const int64_t middle_ns = meta.first_end_ns / 2 + meta.last_end_ns / 2;
  static_cast<void>(segment->Narrow({middle_ns, INT64_MAX}, &vocabulary));
  static_cast<void>(segment->Narrow({INT64_MIN, middle_ns}, &vocabulary));
}

void Sum(const std::string& path) {
  auto segment = store::Segment::Open(path);
  if (!segment.ok()) return;
  Profile vocabulary;
  const store::VolumeQuery query = {0, int64_t{1} << 60, {}, int64_t{1} << 58};
  fuzz::Promise(store::CheckVolumeQuery(query).ok(), "the question is one");
  store::VolumeSums sums(query, vocabulary);
  static_cast<void>(segment->AddVolumes(&sums, &vocabulary));
  static_cast<void>(sums.Take());
  std::set<LabelSetId> found;
  static_cast<void>(segment->CollectSeries({}, &vocabulary, &found));
  for (const LabelSetId id : found) {
    fuzz::Promise(id < vocabulary.label_sets().size(), "label sets are known");
  }
}

void AskTimes(const std::string& path, bool is_whole) {
  auto segment = store::Segment::Open(path);
  if (!segment.ok()) return;
  Profile vocabulary;
  const store::SampleTimesQuery query = {0, INT64_MAX, {}, true};
  store::TimesSums sums(query, vocabulary);
  const Status status = segment->AddTimes(&sums, &vocabulary);
  fuzz::Promise(status.ok() || !is_whole, "what a check finds good, has times that can be read");
  const auto times = sums.Take();
  if (times.ok()) fuzz::CheckProfile(times->profile);
}

void CheckRefs(std::string_view bytes) {
  store::WindowRefs refs;
  ByteReader in(bytes);
  refs.Decode(&in);
  if (!in.done()) return;
  const std::string written = refs.Encode(0);
  store::WindowRefs again;
  ByteReader in_again(written);
  again.Decode(&in_again);
  fuzz::Promise(in_again.done() && again.Encode(0) == written, "what was written is read the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto texts = fuzz::TextsOf(fuzz::AsText(data, size));
  const std::string& path = fuzz::GdbmOf(texts, Pack);
  const auto checked = store::CheckSegment(path);
  fuzz::Promise(checked.ok(), "a file that is there is checked");
  int64_t weight = 0;
  for (const store::StoredRecord& record : checked->log.records()) weight += record.weight;
  Ask(path, checked->problems.empty(), weight);
  AskTimes(path, checked->problems.empty());
  Narrow(path);
  Sum(path);
  static_cast<void>(store::CheckDay(path));
  if (!texts.empty()) CheckRefs(texts.back());
  return 0;
}
