// SPDX-License-Identifier: MIT
//
// Purpose: the strings, frames and stacks of all targets, interned once: targets say at each poll
//   nearly what they said before, so a poll becomes samples of words that are there already, and
//   the store's writer looks at each stack once for as long as its window is open.
// Thread safety: any thread. One lock, held while a poll is decoded (a fifth of a millisecond where
//   its words are known) and while one is appended; never while anybody fetches or syncs.
// Signal safety: none.
// Errors: as DecodeFolded() and DecodePprof(). Past its bytes, and after so many polls, a new
//   dictionary is begun: the old one goes with the last samples that name it.
#ifndef STACKSAMPLER_COLLECTOR_SHARED_DICTIONARY_H_
#define STACKSAMPLER_COLLECTOR_SHARED_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "collector/redact.h"
#include "stacksampler/folded.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/profile_store.h"

namespace stacksampler::collector {

class SharedDictionary;

/// The samples of one poll, redacted, in ids of the dictionary that made them.
class SharedSamples {
 public:
  int64_t start_ns = 0;
  int64_t end_ns = 0;

  [[nodiscard]] bool empty() const { return samples_.empty(); }
  [[nodiscard]] int64_t TotalWeight() const;
  [[nodiscard]] bool has_times() const { return !times_.empty(); }
  /// Sets the clock that its times were read from.
  void ShiftTimes(int64_t by_ns);
  /// Of the samples whose time is too far outside of the window for a store to keep it.
  [[nodiscard]] uint64_t WeightTimedOutside() const;

 private:
  friend class SharedDictionary;
  struct Words;

  std::shared_ptr<Words> words_;
  Profile* profile_ = nullptr;  // the one of the words that may be stored
  int64_t period_ns_ = 0;
  std::vector<Sample> samples_;
  std::vector<TimedSample> times_;
};

class SharedDictionary {
 public:
  /// Some fifty thousand stacks of C++, half of them where they are redacted: both profiles count.
  /// Twice this is in memory where polls wait for the store.
  static constexpr size_t kMaxBytes = size_t{16} << 20;
  /// What targets said before they were deployed anew they say no more. To begin again costs what a
  /// first poll does, once for all targets that share their words.
  static constexpr size_t kMaxPolls = size_t{1} << 14;

  explicit SharedDictionary(std::shared_ptr<const Redactor> redactor, size_t max_bytes = kMaxBytes,
                            size_t max_polls = kMaxPolls);

  SharedSamples DecodeFolded(std::string_view text, FoldedReport* report);
  Result<SharedSamples> DecodePprof(std::string_view bytes);

  /// Appends `record`, whose window and profile are filled in from `samples`, and their times when
  /// its bucket_ns is not 0.
  Result<bool> Append(const SharedSamples& samples, store::Record record,
                      store::StoreWriter* writer);
  /// Of the samples that carry one of these keys themselves: no store takes it from them.
  int64_t WeightUnderOwn(const SharedSamples& samples, const Labels& labels);
  /// The samples in a profile of their own.
  Profile Copy(const SharedSamples& samples);
  /// What the words of the next poll take, about.
  [[nodiscard]] size_t bytes() const;

 private:
  template <typename Decode>
  auto Guarded(const Decode& decode);
  void Renew();
  SharedSamples Take();

  const std::shared_ptr<const Redactor> redactor_;
  const size_t max_bytes_;
  const size_t max_polls_;
  mutable std::mutex mutex_;                     // of all words, old ones as well
  std::shared_ptr<SharedSamples::Words> words_;  // nullptr: the next poll begins new ones
  size_t polls_ = 0;                             // since they were begun
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_SHARED_DICTIONARY_H_
