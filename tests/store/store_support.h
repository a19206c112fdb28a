// SPDX-License-Identifier: MIT
//
// Purpose: what the store's tests share: a directory of their own, made-up windows, and a recount
//   of what a query has to answer, by the plainest means.
#ifndef STACKSAMPLER_TESTS_STORE_STORE_SUPPORT_H_
#define STACKSAMPLER_TESTS_STORE_STORE_SUPPORT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "store/profile_store.h"

namespace stacksampler::store {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kHour = 3600 * kSecond;
inline constexpr int64_t kDay = 24 * kHour;
/// A full hour, so that windows begin where tests expect it.
inline constexpr int64_t kNoon = 475'212 * kHour;

/// A new directory, removed with all in it at the end.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] std::string path(const std::string& name = {}) const;

 private:
  std::string path_;
};

std::vector<std::string> FilesIn(const std::string& dir);
/// How many files of a kind: 'h', 'j' or 'd'.
size_t CountFiles(const std::string& dir, char letter);
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
void FlipBit(const std::string& path, size_t byte);
/// Changes the value stored under a key, wherever gdbm has put it.
void BreakValue(const std::string& path, const std::string& key);

/// One window, by value.
struct Window {
  Labels target;
  WindowRef ref;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  Profile profile;
  std::vector<TimedSample> times = {};
  int64_t bucket_ns = 0;  // 0: the record has no times
  /// As they were once stored: a sample's own label before its target's of the same key.
  bool own_labels_win = false;

  [[nodiscard]] Record record() const {
    Record record{target, ref, start_ns, end_ns, &profile};
    if (bucket_ns != 0) record.times = &times;
    record.bucket_ns = bucket_ns;
    return record;
  }
};

/// A window of one sample "main;work" of thread "t".
Window SmallWindow(const std::string& host, uint64_t id, int64_t end_ns, int64_t weight = 1);
/// A window with many stacks, threads, mappings and lines. `id` goes up from 1.
Window RandomWindow(std::mt19937_64* random, uint64_t id, int64_t end_ns);

/// Gives parts of the window's weights a time within the window.
void AddTimes(std::mt19937_64* random, int64_t bucket_ns, Window* window);

/// Of windows that RandomWindow() made, whose ends lie in the span that begins at kNoon.
Query RandomQuery(std::mt19937_64* random, int64_t span_ns);

/// (labels; every member of every frame) -> (weight, CPU time).
using Flat = std::map<std::string, std::pair<int64_t, int64_t>>;
Flat Flatten(const Profile& profile);

/// Bucket's begin -> what was sampled in it.
using FlatTimes = std::map<int64_t, Flat>;
FlatTimes FlattenTimes(const Profile& profile);
/// What a question about sample times has to answer.
FlatTimes TimesAgain(const std::vector<Window>& windows, const SampleTimesQuery& query);

struct Recount {
  Flat samples;
  uint64_t records = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
};
Recount CountAgain(const std::vector<Window>& windows, const Query& query);

/// The label sets with a record in the query's range.
std::vector<Labels> SeriesAgain(const std::vector<Window>& windows, const Query& range);

/// Fails the test unless the answer is the recount's, without warnings.
void CheckAnswer(StoreReader* reader, const std::vector<Window>& windows, const Query& query);

/// One of the lines has the words in it.
bool Mentions(const std::vector<std::string>& lines, const std::string& words);

/// The options of most tests: small windows, every warning kept.
WriterOptions OptionsFor(std::vector<std::string>* warnings);

std::unique_ptr<StoreWriter> MustWrite(const std::string& dir, const WriterOptions& options);
std::unique_ptr<StoreReader> MustRead(const std::string& dir);
void MustAppend(StoreWriter* writer, const Window& window);
/// Sum of all weights stored.
int64_t TotalWeight(const std::string& dir);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_STORE_SUPPORT_H_
