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
    AddRecord(content, ids, record, WindowKey(shipping_, target, record, stem, place));
    if (bytes() < kPieceBytes) continue;
    if (Status status = Flush(); !status.ok()) return status;
  }
  return Flush();
}

void Shipment::AddRecord(const JournalContent& content, const ContentIds& ids,
                         const StoredRecord& record, uint64_t window_key) {
  const Profile& dictionary = content.dictionary;
  AddLabels(dictionary.label_sets()[record.target], ids.labels(record.target));
  for (const Run& run : record.runs) {
    std::string stack_ids;
    std::string weights;
    uint64_t count = 0;
    int64_t weight = 0;
    // Cells were checked when the log took them.
    (void)ForEachCell(content.log.Cells(run), dictionary.stacks().size(),
                      [&](StackId stack, int64_t cell) {
                        AddStack(dictionary, ids, stack);
                        PutFixed64(&stack_ids, ids.stack(stack).id);
                        PutInt(&weights, cell);
                        weight += cell;
                        ++count;
                        return true;
                      });
    AddLabels(dictionary.label_sets()[run.labels], ids.labels(run.labels));
    hours_.insert(BucketOf(kHourTier, record.end_ns));
    std::string& row = samples_[BucketOf(kDayTier, record.end_ns)];
    PutInt(&row, record.end_ns);
    PutFixed64(&row, ids.labels(run.labels).id);
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
  }
}

bool Shipment::IsNew(const ContentId& id) {
  return !known_.Has(id) && named_.insert(id.id ^ id.second).second;
}

void Shipment::AddLabels(const Labels& labels, const ContentId& id) {
  if (!IsNew(id)) return;
  PutFixed64(&label_sets_, id.id);
  PutFixed64(&label_sets_, id.second);
  PutVarint(&label_sets_, labels.size());
  for (const auto& label : labels) PutText(&label_sets_, label.first);
  PutVarint(&label_sets_, labels.size());
  for (const auto& label : labels) PutText(&label_sets_, label.second);
}

void Shipment::AddStack(const Profile& dictionary, const ContentIds& ids, StackId stack) {
  if (stack == 0 || !IsNew(ids.stack(stack))) return;
  PutFixed64(&stacks_, ids.stack(stack).id);
  PutFixed64(&stacks_, ids.stack(stack).second);
  const std::vector<FrameId> frames = dictionary.StackFrames(stack);
  PutVarint(&stacks_, frames.size());
  for (const FrameId frame : frames) {
    PutFixed64(&stacks_, ids.frame(frame).id);
    AddFrame(dictionary, ids.frame(frame), frame);
  }
}

void Shipment::AddFrame(const Profile& dictionary, const ContentId& id, FrameId frame_id) {
  if (!IsNew(id)) return;
  const Frame& frame = dictionary.frames()[frame_id];
  const Mapping& mapping = dictionary.mappings()[frame.mapping];
  PutFixed64(&frames_, id.id);
  PutFixed64(&frames_, id.second);
  for (const StringId text :
       {frame.name, frame.mangled_name, mapping.module, mapping.build_id, frame.file}) {
    PutText(&frames_, dictionary.String(text));
  }
  PutFixed32(&frames_, frame.line);
  frames_.push_back(frame.inlined ? '\1' : '\0');
}

size_t Shipment::bytes() const {
  size_t sum = label_sets_.size() + frames_.size() + stacks_.size();
  for (const auto& [day, rows] : samples_) sum += rows.size();
  return sum;
}

// Samples last: whoever sees them finds what they name.
Status Shipment::Flush() {
  const auto send = [&](const char* table, std::string* rows) {
    if (rows->empty()) return Status::Ok();
    Status status = connection_.Insert(table, *rows);
    if (status.ok()) rows->clear();
    return status;
  };
  if (Status status = send(kLabelSetsTable, &label_sets_); !status.ok()) return status;
  if (Status status = send(kFramesTable, &frames_); !status.ok()) return status;
  if (Status status = send(kStacksTable, &stacks_); !status.ok()) return status;
  for (auto& [day, rows] : samples_) {
    if (Status status = send(kSamplesTable, &rows); !status.ok()) return status;
  }
  samples_.clear();
  known_.Add(named_);
  named_.clear();
  return Status::Ok();
}

}  // namespace stacksampler::store
