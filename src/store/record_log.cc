// SPDX-License-Identifier: MIT
#include "store/record_log.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "store/cells.h"
#include "store/segment_layout.h"
#include "store/time_cells.h"

namespace stacksampler::store {
namespace {

struct LabelledCell {
  LabelSetId labels = 0;
  Cell cell;
};

// Turns ids of a record's profile into the dictionary's: stacks, and labels with those of the
// target, which win over the samples' own: who is sampled does not choose whose samples they are.
class Translator {
 public:
  Translator(const Record& record, Profile* dictionary, StackCopier* copier)
      : record_(record),
        dictionary_(dictionary),
        copier_(copier),
        labels_(record.profile->label_sets().size(), kUnknown) {}

  StackId Stack(StackId stack) { return copier_->Copy(stack); }
  LabelSetId Labels(LabelSetId labels) {
    LabelSetId& known = labels_[labels];
    if (known == kUnknown) {
      stacksampler::Labels all = record_.profile->label_sets()[labels];
      all.insert(all.end(), record_.labels.begin(), record_.labels.end());
      known = dictionary_->InternLabels(std::move(all));
    }
    return known;
  }

 private:
  static constexpr LabelSetId kUnknown = UINT32_MAX;

  const Record& record_;
  Profile* dictionary_;
  StackCopier* copier_;
  std::vector<LabelSetId> labels_;
};

// Words of the profile that no sample of the record names stay out: they are other records'.
std::vector<LabelledCell> Translate(const Record& record, Translator* translator) {
  std::vector<LabelledCell> cells;
  cells.reserve(record.profile->samples().size());
  for (const Sample& sample : record.profile->samples()) {
    if (sample.weight == 0) continue;
    cells.push_back(
        {translator->Labels(sample.labels), {translator->Stack(sample.stack), sample.weight}});
  }
  return cells;
}

using TimesByLabels = std::map<LabelSetId, std::vector<TimeCell>>;

// A time that is not in the window, by far, tells of a clock and not of the program.
TimesByLabels TranslateTimes(const Record& record, Translator* translator) {
  TimesByLabels times;
  const int64_t first_ns = std::max<int64_t>(record.start_ns - kTimesSlackNs, 0);
  for (const TimedSample& timed : *record.times) {
    const bool near = first_ns <= timed.time_ns && timed.time_ns <= record.end_ns + kTimesSlackNs;
    if (timed.weight == 0 || !near || timed.time_ns >= kMaxTimeNs) continue;
    times[translator->Labels(timed.labels)].push_back(
        {translator->Stack(timed.stack), timed.time_ns / record.bucket_ns, timed.weight});
  }
  return times;
}

// Cells of one label set follow each other, stacks ascending, each stack once.
void SortAndCoalesce(std::vector<LabelledCell>* cells) {
  std::sort(cells->begin(), cells->end(), [](const LabelledCell& a, const LabelledCell& b) {
    return std::tie(a.labels, a.cell.stack) < std::tie(b.labels, b.cell.stack);
  });
  size_t kept = 0;
  for (const LabelledCell& next : *cells) {
    LabelledCell* last = kept > 0 ? &(*cells)[kept - 1] : nullptr;
    if (last != nullptr && last->labels == next.labels && last->cell.stack == next.cell.stack) {
      last->cell.weight += next.cell.weight;
    } else {
      (*cells)[kept++] = next;
    }
  }
  cells->resize(kept);
}

using Runs = std::vector<std::pair<LabelSetId, std::vector<Cell>>>;

Runs RunsOf(const std::vector<LabelledCell>& cells, LabelSetId target) {
  Runs runs;
  for (const LabelledCell& cell : cells) {
    if (runs.empty() || runs.back().first != cell.labels) runs.push_back({cell.labels, {}});
    runs.back().second.push_back(cell.cell);
  }
  if (runs.empty()) runs.push_back({target, {}});
  return runs;
}

void PutRuns(const Runs& runs, std::string* out) {
  PutVarint(out, runs.size());
  for (const auto& [labels, run] : runs) {
    PutVarint(out, labels);
    PutText(out, EncodeCells(run));
  }
}

// Nothing at all for a record without times.
void PutTimes(const Runs& runs, int64_t bucket_ns, TimesByLabels times, std::string* out) {
  if (times.empty()) return;
  PutVarint(out, static_cast<uint64_t>(bucket_ns));
  for (const auto& run : runs) {
    std::vector<TimeCell>& cells = times[run.first];
    SortAndCoalesce(&cells);
    PutText(out, EncodeTimeCells(cells));
  }
}

}  // namespace

std::string EncodeRecord(const Record& record, Profile* dictionary, StackCopier* copier) {
  const LabelSetId target = dictionary->InternLabels(record.labels);
  Translator translator(record, dictionary, copier);
  std::vector<LabelledCell> cells = Translate(record, &translator);
  SortAndCoalesce(&cells);
  const Runs runs = RunsOf(cells, target);
  std::string out;
  PutVarint(&out, target);
  PutText(&out, record.window.instance);
  PutVarint(&out, record.window.id);
  PutVarint(&out, static_cast<uint64_t>(record.start_ns));
  PutVarint(&out, static_cast<uint64_t>(record.end_ns));
  PutVarint(&out, static_cast<uint64_t>(record.profile->period_ns));
  PutRuns(runs, &out);
  if (record.times != nullptr) {
    PutTimes(runs, record.bucket_ns, TranslateTimes(record, &translator), &out);
  }
  return out;
}

void RecordLog::Add(ByteReader* in, size_t stack_count, size_t label_set_count) {
  ReadRuns read;
  StoredRecord& record = read.record;
  record.target = in->IdBelow(label_set_count);
  record.window.instance = in->Text();
  record.window.id = in->Varint();
  record.start_ns = in->Int63();
  record.end_ns = in->Int63();
  record.period_ns = in->Int63();
  const size_t runs = in->Count();
  for (size_t i = 0; i < runs; ++i) {
    if (!ReadRun(in, stack_count, label_set_count, &read)) in->Fail();
  }
  if (in->remaining() > 0 && !ReadTimes(in, stack_count, &read)) in->Fail();
  const bool bad = !in->done() || runs == 0 || record.start_ns > record.end_ns ||
                   __builtin_mul_overflow(record.weight, record.period_ns, &record.cpu_ns) ||
                   WouldOverflow(record.weight, record.cpu_ns);
  if (bad) {
    in->Fail();
    return;
  }
  Keep(std::move(read));
}

bool RecordLog::ReadRun(ByteReader* in, size_t stack_count, size_t label_set_count,
                        ReadRuns* read) {
  StoredRecord& record = read->record;
  const LabelSetId labels = in->IdBelow(label_set_count);
  const std::string_view cells = in->Text();
  const bool good = in->ok() && ForEachCell(cells, stack_count, [&](StackId, int64_t weight) {
                      return !__builtin_add_overflow(record.weight, weight, &record.weight);
                    });
  if (!good) return false;
  record.runs.push_back({labels, 0, cells.size(), 0});
  read->bytes.emplace_back(cells, std::string_view());
  return true;
}

bool RecordLog::ReadTimes(ByteReader* in, size_t stack_count, ReadRuns* read) {
  StoredRecord& record = read->record;
  record.bucket_ns = in->Int63();
  if (record.bucket_ns < kMinBucketNs || record.bucket_ns > kMaxBucketNs) return false;
  int64_t left = record.weight;
  for (size_t i = 0; i < record.runs.size(); ++i) {
    const std::string_view cells = in->Text();
    const bool good = in->ok() && ForEachTimeCell(cells, stack_count, kMaxTimeNs / record.bucket_ns,
                                                  [&](StackId, int64_t, int64_t weight) {
                                                    left -= weight;
                                                    return left >= 0;
                                                  });
    if (!good) return false;
    record.runs[i].times_size = cells.size();
    read->bytes[i].second = cells;
  }
  return true;
}

void RecordLog::Keep(ReadRuns read) {
  for (size_t i = 0; i < read.bytes.size(); ++i) {
    read.record.runs[i].cells_at = arena_.size();
    arena_.append(read.bytes[i].first).append(read.bytes[i].second);
  }
  weight_ += read.record.weight;
  cpu_ns_ += read.record.cpu_ns;
  records_.push_back(std::move(read.record));
}

bool RecordLog::WouldOverflow(int64_t weight, int64_t cpu_ns) const {
  int64_t sum = 0;
  return __builtin_add_overflow(weight_, weight, &sum) ||
         __builtin_add_overflow(cpu_ns_, cpu_ns, &sum);
}

}  // namespace stacksampler::store
