// SPDX-License-Identifier: MIT
#include "store/clickhouse/words.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "base/varint.h"
#include "stacksampler/keyed_hash.h"

namespace stacksampler::store {
namespace {

// Below a server's default limit for the text of a query, 256 KB.
constexpr size_t kIdsPerQuery = 8192;
// Some 100 bytes each.
constexpr size_t kMaxWords = size_t{4} << 20;

template <typename Known>
std::vector<uint64_t> Unknown(const Words::Ids& ids, const Known& known) {
  std::vector<uint64_t> unknown;
  for (const uint64_t id : ids) {
    if (known.count(id) == 0) unknown.push_back(id);
  }
  std::sort(unknown.begin(), unknown.end());
  return unknown;
}

std::string Hex(uint64_t id) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, id);
  return text;
}

Status BadRows(const Connection& connection, const std::string& table) {
  return {StatusCode::kDataLoss, connection.name() + ": rows of " + table + " are not ours"};
}

// Calls `read(id, in)` for each row of `columns`, where an id comes first and once; a second
// content of it is a warning. Contents are told apart by second_hash.
template <typename Read>
Status ForEachRow(const Connection& connection, const std::string& table, const std::string& id,
                  const std::string& columns, const std::vector<uint64_t>& ids,
                  Words::Warnings* doubles, Read read) {
  const std::string before =
      "SELECT " + id + ", second_hash, " + columns + " FROM " + table + " WHERE " + id + " IN (";
  const std::string after = ") LIMIT 1 BY " + id + ", second_hash";
  for (size_t from = 0; from < ids.size(); from += kIdsPerQuery) {
    std::string query = before;
    for (size_t i = from; i < std::min(ids.size(), from + kIdsPerQuery); ++i) {
      if (i != from) query += ',';
      query += std::to_string(ids[i]);
    }
    query += after;
    const Result<std::string> rows = connection.Select(query);
    if (!rows.ok()) return rows.status();
    std::unordered_set<uint64_t, NumberHasher> seen;
    for (ByteReader in(*rows); in.remaining() > 0;) {
      const uint64_t found = in.Fixed64();
      in.Fixed64();
      if (!seen.insert(found).second) {
        doubles->insert(connection.name() + ": two contents in " + table + " have the id " +
                        Hex(found) + "; their samples are shown as one of them");
      }
      read(found, &in);
      if (!in.ok()) return BadRows(connection, table);
    }
  }
  return Status::Ok();
}

}  // namespace

void Words::ForgetWhatIsTooMuch() {
  if (vocabulary_.stacks().size() + frames_.size() + labels_.size() > kMaxWords) *this = Words();
  for (const uint64_t id : std::exchange(missing_stacks_, {})) stacks_.erase(id);
  for (const uint64_t id : std::exchange(missing_labels_, {})) labels_.erase(id);
}

Status Words::LearnStacks(const Connection& connection, const Ids& stacks, Warnings* warnings) {
  const std::vector<uint64_t> unknown = Unknown(stacks, stacks_);
  std::vector<Row> rows;
  if (Status status = FetchStacks(connection, unknown, &rows); !status.ok()) {
    return status;
  }
  Ids frames;
  for (const Row& row : rows) frames.insert(row.frames.begin(), row.frames.end());
  if (Status status = FetchFrames(connection, Unknown(frames, frames_)); !status.ok()) {
    return status;
  }
  for (const Row& row : rows) {
    StackId stack = 0;
    for (const uint64_t frame : row.frames) {
      if (frames_.count(frame) == 0) missing_stacks_.push_back(row.stack);
      stack = vocabulary_.InternStack(stack, FrameOf(connection, frame, warnings));
    }
    stacks_.emplace(row.stack, stack);
  }
  for (const uint64_t id : unknown) {
    if (stacks_.count(id) != 0) continue;
    warnings->insert(connection.name() + ": the table stacks lacks some of what samples name");
    const FrameId frame = vocabulary_.InternFrame("[stack " + Hex(id) + " is not in the store]");
    stacks_.emplace(id, vocabulary_.InternStack(0, frame));
    missing_stacks_.push_back(id);
  }
  warnings->insert(doubles_.begin(), doubles_.end());
  return Status::Ok();
}

Status Words::FetchStacks(const Connection& connection, const std::vector<uint64_t>& ids,
                          std::vector<Row>* rows) {
  return ForEachRow(connection, "stacks", "stack", "frame_ids", ids, &doubles_,
                    [&](uint64_t id, ByteReader* in) {
                      Row row{id, {}};
                      for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
                        row.frames.push_back(in->Fixed64());
                      }
                      rows->push_back(std::move(row));
                    });
}

Status Words::FetchFrames(const Connection& connection, const std::vector<uint64_t>& ids) {
  return ForEachRow(connection, "frames", "frame",
                    "name, mangled_name, module, build_id, file, line, inlined", ids, &doubles_,
                    [&](uint64_t id, ByteReader* in) {
                      Frame frame;
                      frame.name = vocabulary_.InternString(in->Text());
                      frame.mangled_name = vocabulary_.InternString(in->Text());
                      const std::string_view module = in->Text();
                      frame.mapping = vocabulary_.InternMapping(module, in->Text());
                      frame.file = vocabulary_.InternString(in->Text());
                      frame.line = in->Fixed32();
                      frame.inlined = in->Raw(1) == std::string_view("\1");
                      if (in->ok()) frames_.emplace(id, vocabulary_.InternFrame(frame));
                    });
}

FrameId Words::FrameOf(const Connection& connection, uint64_t id, Warnings* warnings) {
  const auto it = frames_.find(id);
  if (it != frames_.end()) return it->second;
  warnings->insert(connection.name() + ": the table frames lacks some of what stacks name");
  return vocabulary_.InternFrame("[frame " + Hex(id) + " is not in the store]");
}

Status Words::LearnLabels(const Connection& connection, const Ids& series, Warnings* warnings) {
  const std::vector<uint64_t> unknown = Unknown(series, labels_);
  if (Status status = FetchLabels(connection, unknown); !status.ok()) return status;
  for (const uint64_t id : unknown) {
    if (labels_.count(id) != 0) continue;
    warnings->insert(connection.name() + ": the table label_sets lacks some of what samples name");
    labels_[id] = {{"series", Hex(id)}};
    missing_labels_.push_back(id);
  }
  warnings->insert(doubles_.begin(), doubles_.end());
  return Status::Ok();
}

Status Words::FetchLabels(const Connection& connection, const std::vector<uint64_t>& ids) {
  return ForEachRow(connection, "label_sets", "series", "label_keys, label_values", ids, &doubles_,
                    [&](uint64_t id, ByteReader* in) {
                      Labels labels;
                      for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
                        labels.emplace_back(in->Text(), "");
                      }
                      if (in->Count() != labels.size()) in->Fail();
                      for (auto& label : labels) label.second = in->Text();
                      if (in->ok()) labels_.emplace(id, std::move(labels));
                    });
}

}  // namespace stacksampler::store
