// SPDX-License-Identifier: MIT
#include "store/record_log.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/cells.h"

namespace stacksampler::store {
namespace {

struct LabelledCell {
  LabelSetId labels = 0;
  Cell cell;
};

// The samples in the dictionary's ids, under the labels of the target and their own, which win.
// Words of the profile that no sample of the record names stay out: they are other records'.
std::vector<LabelledCell> Translate(const Record& record, Profile* dictionary,
                                    StackCopier* copier) {
  constexpr LabelSetId kUnknown = UINT32_MAX;
  const Profile& profile = *record.profile;
  std::vector<LabelSetId> labels(profile.label_sets().size(), kUnknown);
  std::vector<LabelledCell> cells;
  cells.reserve(profile.samples().size());
  for (const Sample& sample : profile.samples()) {
    if (sample.weight == 0) continue;
    LabelSetId& known = labels[sample.labels];
    if (known == kUnknown) {
      Labels all = record.labels;
      const Labels& own = profile.label_sets()[sample.labels];
      all.insert(all.end(), own.begin(), own.end());
      known = dictionary->InternLabels(std::move(all));
    }
    cells.push_back({known, {copier->Copy(sample.stack), sample.weight}});
  }
  return cells;
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

void PutRuns(const std::vector<LabelledCell>& cells, LabelSetId target, std::string* out) {
  std::vector<std::pair<LabelSetId, std::vector<Cell>>> runs;
  for (const LabelledCell& cell : cells) {
    if (runs.empty() || runs.back().first != cell.labels) runs.push_back({cell.labels, {}});
    runs.back().second.push_back(cell.cell);
  }
  if (runs.empty()) runs.push_back({target, {}});
  PutVarint(out, runs.size());
  for (const auto& [labels, run] : runs) {
    PutVarint(out, labels);
    PutText(out, EncodeCells(run));
  }
}

}  // namespace

std::string EncodeRecord(const Record& record, Profile* dictionary, StackCopier* copier) {
  const LabelSetId target = dictionary->InternLabels(record.labels);
  std::vector<LabelledCell> cells = Translate(record, dictionary, copier);
  SortAndCoalesce(&cells);
  std::string out;
  PutVarint(&out, target);
  PutText(&out, record.window.instance);
  PutVarint(&out, record.window.id);
  PutVarint(&out, static_cast<uint64_t>(record.start_ns));
  PutVarint(&out, static_cast<uint64_t>(record.end_ns));
  PutVarint(&out, static_cast<uint64_t>(record.profile->period_ns));
  PutRuns(cells, target, &out);
  return out;
}

void RecordLog::Add(ByteReader* in, size_t stack_count, size_t label_set_count) {
  const size_t arena_size = arena_.size();
  StoredRecord record;
  record.target = in->IdBelow(label_set_count);
  record.window.instance = in->Text();
  record.window.id = in->Varint();
  record.start_ns = in->Int63();
  record.end_ns = in->Int63();
  record.period_ns = in->Int63();
  const size_t runs = in->Count();
  for (size_t i = 0; i < runs; ++i) {
    if (!AddRun(in, stack_count, label_set_count, &record)) in->Fail();
  }
  const bool bad = !in->done() || runs == 0 || record.start_ns > record.end_ns ||
                   __builtin_mul_overflow(record.weight, record.period_ns, &record.cpu_ns) ||
                   WouldOverflow(record.weight, record.cpu_ns);
  if (bad) {
    in->Fail();
    arena_.resize(arena_size);
    return;
  }
  weight_ += record.weight;
  cpu_ns_ += record.cpu_ns;
  records_.push_back(std::move(record));
}

bool RecordLog::AddRun(ByteReader* in, size_t stack_count, size_t label_set_count,
                       StoredRecord* record) {
  const LabelSetId labels = in->IdBelow(label_set_count);
  const std::string_view cells = in->Text();
  const bool good = in->ok() && ForEachCell(cells, stack_count, [&](StackId, int64_t weight) {
                      return !__builtin_add_overflow(record->weight, weight, &record->weight);
                    });
  if (!good) return false;
  record->runs.push_back({labels, arena_.size(), cells.size()});
  arena_.append(cells);
  return true;
}

bool RecordLog::WouldOverflow(int64_t weight, int64_t cpu_ns) const {
  int64_t sum = 0;
  return __builtin_add_overflow(weight_, weight, &sum) ||
         __builtin_add_overflow(cpu_ns_, cpu_ns, &sum);
}

}  // namespace stacksampler::store
