// SPDX-License-Identifier: MIT
#include "store/clickhouse/shipment.h"

#include "base/varint.h"
#include "stacksampler/keyed_hash.h"
#include "store/cells.h"
#include "store/clickhouse/schema.h"

namespace stacksampler::store {
namespace {

void PutInt(std::string* out, int64_t value) { PutFixed64(out, static_cast<uint64_t>(value)); }

// The same in every try: sources without windows are told apart by their place in the outbox.
uint64_t WindowKey(const Shipping& shipping, const ContentId& target, const StoredRecord& record,
                   const Stem& stem, size_t place) {
  std::string bytes;
  PutFixed64(&bytes, shipping.collector);
  PutFixed64(&bytes, target.id);
  PutText(&bytes, record.window.instance);
  PutFixed64(&bytes, record.window.id);
  if (record.window.instance.empty()) {
    PutFixed64(&bytes, stem.number);
    PutFixed64(&bytes, place);
  }
  return HashContent(bytes).id;
}

}  // namespace

size_t ServerOf(const ContentId& target, size_t servers) { return target.id % servers; }

void KnownIds::Add(const std::unordered_set<uint64_t, NumberHasher>& ids) {
  if (ids_.size() + ids.size() > kMaxIds) ids_.clear();
  ids_.insert(ids.begin(), ids.end());
}

Status Shipment::Send(const Stem& stem, const JournalContent& content) {
  const ContentIds ids(content.dictionary);
  const auto& records = content.log.records();
  for (size_t place = 0; place < records.size(); ++place) {
    const StoredRecord& record = records[place];
    const ContentId& target = ids.labels(record.target);
    if (ServerOf(target, shipping_.servers) != shipping_.server) continue;
    Status status =
        AddRecord(content, ids, record, WindowKey(shipping_, target, record, stem, place));
    if (!status.ok()) return status;
  }
  return Flush();
}

Status Shipment::AddRecord(const JournalContent& content, const ContentIds& ids,
                           const StoredRecord& record, uint64_t window_key) {
  const Labels& target = content.dictionary.label_sets()[record.target];
  Status status = AddLabels(target, ids.labels(record.target));
  for (const Run& run : record.runs) {
    if (status.ok()) status = AddRun(content, ids, record, run, window_key);
  }
  return status;
}

Status Shipment::AddRun(const JournalContent& content, const ContentIds& ids,
                        const StoredRecord& record, const Run& run, uint64_t window_key) {
  if (Status status = AddStacks(content, ids, run); !status.ok()) return status;
  const ContentId& series = ids.labels(run.labels);
  Status status = AddLabels(content.dictionary.label_sets()[run.labels], series);
  if (!status.ok()) return status;
  std::string stack_ids;
  std::string weights;
  int64_t weight = 0;
  (void)ForEachCell(content.log.Cells(run), content.dictionary.stacks().size(),
                    [&](StackId stack, int64_t cell) {
                      PutFixed64(&stack_ids, ids.stack(stack).id);
                      PutInt(&weights, cell);
                      weight += cell;
                      return true;
                    });
  const uint64_t count = weights.size() / sizeof weight;
  std::string row;
  PutInt(&row, record.end_ns);
  PutFixed64(&row, series.id);
  PutFixed64(&row, window_key);
  PutInt(&row, record.start_ns);
  PutInt(&row, record.period_ns);
  PutFixed64(&row, shipping_.collector);
  PutFixed64(&row, ids.labels(record.target).id);
  PutText(&row, record.window.instance);
  PutFixed64(&row, record.window.id);
  PutInt(&row, weight);
  PutVarint(&row, count);
  row += stack_ids;
  PutVarint(&row, count);
  row += weights;
  hours_.insert(BucketOf(kHourTier, record.end_ns));
  return Add(row, &samples_[BucketOf(kDayTier, record.end_ns)]);
}

// Cells were checked when the log took them.
Status Shipment::AddStacks(const JournalContent& content, const ContentIds& ids, const Run& run) {
  Status status;
  (void)ForEachCell(content.log.Cells(run), content.dictionary.stacks().size(),
                    [&](StackId stack, int64_t) {
                      status = AddStack(content.dictionary, ids, stack);
                      return status.ok();
                    });
  return status;
}

bool Shipment::IsNew(const ContentId& id) {
  return !known_.Has(id) && named_.insert(id.id ^ id.second).second;
}

Status Shipment::AddLabels(const Labels& labels, const ContentId& id) {
  if (!IsNew(id)) return Status::Ok();
  std::string row;
  PutFixed64(&row, id.id);
  PutFixed64(&row, id.second);
  PutVarint(&row, labels.size());
  for (const auto& label : labels) PutText(&row, label.first);
  PutVarint(&row, labels.size());
  for (const auto& label : labels) PutText(&row, label.second);
  return Add(row, &label_sets_);
}

Status Shipment::AddStack(const Profile& dictionary, const ContentIds& ids, StackId stack) {
  if (stack == 0 || !IsNew(ids.stack(stack))) return Status::Ok();
  std::string row;
  PutFixed64(&row, ids.stack(stack).id);
  PutFixed64(&row, ids.stack(stack).second);
  const std::vector<FrameId> frames = dictionary.StackFrames(stack);
  PutVarint(&row, frames.size());
  for (const FrameId frame : frames) {
    PutFixed64(&row, ids.frame(frame).id);
    Status status = AddFrame(dictionary, ids.frame(frame), frame);
    if (!status.ok()) return status;
  }
  return Add(row, &stacks_);
}

Status Shipment::AddFrame(const Profile& dictionary, const ContentId& id, FrameId frame_id) {
  if (!IsNew(id)) return Status::Ok();
  const Frame& frame = dictionary.frames()[frame_id];
  const Mapping& mapping = dictionary.mappings()[frame.mapping];
  std::string row;
  PutFixed64(&row, id.id);
  PutFixed64(&row, id.second);
  for (const StringId text :
       {frame.name, frame.mangled_name, mapping.module, mapping.build_id, frame.file}) {
    PutText(&row, dictionary.String(text));
  }
  PutFixed32(&row, frame.line);
  row.push_back(frame.inlined ? '\1' : '\0');
  return Add(row, &frames_);
}

// What is there is sent before a row that would make it more than an insert may be.
Status Shipment::Add(const std::string& row, std::string* rows) {
  const size_t limit = connection_.max_insert_bytes();
  if (row.size() > limit) {
    ++rows_too_large_;
    return Status::Ok();
  }
  if (rows->size() + row.size() > limit) {
    if (Status status = Flush(); !status.ok()) return status;
  }
  *rows += row;
  return bytes() < piece_bytes_ ? Status::Ok() : Flush();
}

size_t Shipment::bytes() const {
  size_t sum = label_sets_.size() + frames_.size() + stacks_.size();
  for (const auto& [day, rows] : samples_) sum += rows.size();
  return sum;
}

Status Shipment::Send(const char* table, std::string* rows) {
  if (rows->empty()) return Status::Ok();
  Status status = connection_.Insert(table, *rows);
  if (status.ok()) rows->clear();
  return status;
}

// Samples last: whoever sees them finds what they name.
Status Shipment::Flush() {
  if (Status status = Send(kLabelSetsTable, &label_sets_); !status.ok()) return status;
  if (Status status = Send(kFramesTable, &frames_); !status.ok()) return status;
  if (Status status = Send(kStacksTable, &stacks_); !status.ok()) return status;
  for (auto& [day, rows] : samples_) {
    if (Status status = Send(kSamplesTable, &rows); !status.ok()) return status;
  }
  known_.Add(named_);
  named_.clear();
  return Status::Ok();
}

}  // namespace stacksampler::store
