// SPDX-License-Identifier: MIT
//
// Purpose: what a reader learned of the names behind ids: stacks, frames, label sets, kept between
//   queries.
// Thread safety: one thread at a time.
// Errors: the connection's. An id whose content is missing, or that has two, is told in a warning;
//   its samples count under a name that says so.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_WORDS_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_WORDS_H_

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stacksampler/keyed_hash.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/clickhouse/connection.h"

namespace stacksampler::store {

class Words {
 public:
  using Ids = std::unordered_set<uint64_t, NumberHasher>;
  using Warnings = std::set<std::string>;

  /// Asks the server for those of the ids that are not known yet.
  Status LearnStacks(const Connection& connection, const Ids& stacks, Warnings* warnings);
  Status LearnLabels(const Connection& connection, const Ids& series, Warnings* warnings);

  /// REQUIRES: learned.
  [[nodiscard]] StackId stack(uint64_t id) const { return stacks_.at(id); }
  [[nodiscard]] const Labels& labels(uint64_t series) const { return labels_.at(series); }
  /// Of the stacks.
  [[nodiscard]] const Profile& vocabulary() const { return vocabulary_; }
  /// Starts over when it has grown large, and forgets what was missing. Before a query.
  void ForgetWhatIsTooMuch();

 private:
  struct Row {
    uint64_t stack = 0;
    std::vector<uint64_t> frames;
  };
  Status FetchStacks(const Connection& connection, const std::vector<uint64_t>& ids,
                     std::vector<Row>* rows);
  Status FetchFrames(const Connection& connection, const std::vector<uint64_t>& ids);
  Status FetchLabels(const Connection& connection, const std::vector<uint64_t>& ids);
  FrameId FrameOf(const Connection& connection, uint64_t id, Warnings* warnings);

  Profile vocabulary_;
  std::unordered_map<uint64_t, FrameId, NumberHasher> frames_;
  std::unordered_map<uint64_t, StackId, NumberHasher> stacks_ = {{0, 0}};
  std::unordered_map<uint64_t, Labels, NumberHasher> labels_;
  // Known by a stand-in, until the next query asks again.
  std::vector<uint64_t> missing_stacks_;
  std::vector<uint64_t> missing_labels_;
  Warnings doubles_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_WORDS_H_
