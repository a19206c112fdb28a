// SPDX-License-Identifier: MIT
//
// Purpose: fills a store minute by minute as the collector does, among the words that all targets
//   share, so that a month of a hundred processes is filled in minutes; and adds up beside it what
//   any range has to answer.
// Thread safety: one thread at a time.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_FILLER_H_
#define STACKSAMPLER_BENCH_STORE_FILLER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generator.h"
#include "stacksampler/profile.h"
#include "store/profile_store.h"

namespace stacksampler::bench {

/// A question whose answer is added up while the store is filled, without the store.
class Recount {
 public:
  /// From one minute's windows to another's, of one process or of all.
  Recount(int64_t first_minute, int64_t last_minute, std::optional<size_t> process);

  void Add(int64_t minute, size_t process, const Draws& draws);
  /// The stacks will read otherwise.
  void Deploy(const Generator& generator);
  [[nodiscard]] const store::Query& query() const { return query_; }
  /// Ends the program unless the answer has each stack with the sum that it must have.
  void Compare(const Generator& generator, const Profile& answer);

 private:
  const int64_t first_minute_;
  const int64_t last_minute_;
  const std::optional<size_t> process_;
  store::Query query_;
  std::vector<int64_t> weights_;         // by the generator's stacks, as they read now
  std::map<std::string, int64_t> sums_;  // by how they read, of what was before
};

class Filler {
 public:
  Filler(const std::string& dir, Generator* generator);

  static store::Record RecordOf(size_t process, int64_t minute);

  /// A window of each process, committed together.
  void Round(size_t processes, int64_t minute);
  void Deploy();
  void Seal();

  [[nodiscard]] store::StoreWriter* writer() { return writer_.get(); }

  uint64_t pairs = 0;
  int64_t weight = 0;
  std::vector<double> appends;  // ms each
  std::vector<Recount> recounts;

 private:
  void Append(size_t process, int64_t minute, const Draws& draws);

  Generator& generator_;
  Profile words_;  // of all windows; the samples are one window's
  uint64_t words_number_ = 0;
  std::vector<StackId> stacks_;  // by the generator's, 0 until drawn
  std::unique_ptr<store::StoreWriter> writer_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_FILLER_H_
