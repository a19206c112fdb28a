// SPDX-License-Identifier: MIT
//
// Purpose: turns a journal into the rows of one server, and sends them.
// Shapes: a target's windows go to the server that the hash of its labels chooses. What samples
//   name is sent before them, and once. All goes in pieces of bounded size, however much one window
//   names: frames before the stacks of them, samples last and a day a piece, so that a piece is
//   stored whole or not at all.
// Thread safety: one thread at a time.
// Errors: the connection's. Sending again is harmless: a row has the same key each time. A row that
//   no insert can hold is left out and counted: it would hold up all that follows.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_SHIPMENT_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_SHIPMENT_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

#include "stacksampler/keyed_hash.h"
#include "stacksampler/status.h"
#include "store/clickhouse/connection.h"
#include "store/clickhouse/content_ids.h"
#include "store/clickhouse/outbox.h"
#include "store/clickhouse/tiles.h"
#include "store/store_dir.h"

namespace stacksampler::store {

/// Which of `servers` keeps the target.
size_t ServerOf(const ContentId& target, size_t servers);

/// What a server is known to have: ids of label sets, frames and stacks.
class KnownIds {
 public:
  /// So many take about 200 MB; then all is forgotten and sent once more.
  static constexpr size_t kMaxIds = size_t{4} << 20;
  [[nodiscard]] bool Has(const ContentId& id) const { return ids_.count(id.id ^ id.second) != 0; }
  void Add(const std::unordered_set<uint64_t, NumberHasher>& ids);
  void Clear() { ids_.clear(); }

 private:
  std::unordered_set<uint64_t, NumberHasher> ids_;
};

struct Shipping {
  uint64_t collector = 0;
  size_t server = 0;
  size_t servers = 1;
};

class Shipment {
 public:
  /// A piece is sent when it has so many bytes.
  static constexpr size_t kPieceBytes = size_t{8} << 20;

  /// All must outlive it.
  Shipment(const Shipping& shipping, const Connection& connection, KnownIds* known,
           size_t piece_bytes = kPieceBytes)
      : shipping_(shipping), connection_(connection), known_(*known), piece_bytes_(piece_bytes) {}

  /// Sends the server's part of a journal.
  Status Send(const Stem& stem, const JournalContent& content);
  /// The hours of which samples were sent, as BucketOf() has them.
  [[nodiscard]] const std::set<int64_t>& hours() const { return hours_; }
  /// Rows that were left out, being larger than an insert may be.
  [[nodiscard]] uint64_t rows_too_large() const { return rows_too_large_; }

 private:
  Status AddRecord(const JournalContent& content, const ContentIds& ids, const StoredRecord& record,
                   uint64_t window_key);
  Status AddRun(const JournalContent& content, const ContentIds& ids, const StoredRecord& record,
                const Run& run, uint64_t window_key);
  Status AddStacks(const JournalContent& content, const ContentIds& ids, const Run& run);
  Status AddLabels(const Labels& labels, const ContentId& id);
  Status AddStack(const Profile& dictionary, const ContentIds& ids, StackId stack);
  Status AddFrame(const Profile& dictionary, const ContentId& id, FrameId frame);
  bool IsNew(const ContentId& id);
  Status Add(const std::string& row, std::string* rows);
  [[nodiscard]] size_t bytes() const;
  Status Send(const char* table, std::string* rows);
  Status Flush();

  const Shipping& shipping_;
  const Connection& connection_;
  KnownIds& known_;
  const size_t piece_bytes_;
  uint64_t rows_too_large_ = 0;
  std::unordered_set<uint64_t, NumberHasher> named_;  // in this piece
  std::string label_sets_;
  std::string frames_;
  std::string stacks_;
  std::map<int64_t, std::string> samples_;  // by day
  std::set<int64_t> hours_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_SHIPMENT_H_
