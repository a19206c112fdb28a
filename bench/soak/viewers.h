// SPDX-License-Identifier: MIT
//
// Purpose: many who look at the page at once, and one who checks every hour of every target; they
//   compare what the visualizer answers with the ledger.
// Thread safety: Count() and wrong() from any thread, the others from one.
// Errors: counted by kind. An answer to a range that expired while it was made is no answer.
#ifndef STACKSAMPLER_BENCH_SOAK_VIEWERS_H_
#define STACKSAMPLER_BENCH_SOAK_VIEWERS_H_

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "questions.h"

namespace stacksampler::bench {

struct ViewerOptions {
  size_t viewers = 50;
  std::chrono::milliseconds pause{5000};  // at most, half of it on average
  uint16_t port = 0;                      // the visualizer's
  std::string store;
  int64_t start_ns = 0;
};

struct AnswerCounts {
  uint64_t right = 0;
  uint64_t wrong = 0;
  uint64_t expired = 0;  // while it was asked for
  uint64_t refused = 0;  // 503: asked again later
  uint64_t none = 0;     // no answer in a minute
};

class Viewers {
 public:
  /// Those of Questions, and the hours that one checks.
  static constexpr size_t kCounts = Questions::kKinds + 1;
  using Counts = std::array<AnswerCounts, kCounts>;

  Viewers(const ViewerOptions& options, const Ledger& ledger, const Bodies& bodies,
          const std::vector<uint16_t>& ports);
  ~Viewers() { Stop(); }
  Viewers(const Viewers&) = delete;
  Viewers& operator=(const Viewers&) = delete;

  void Stop();
  /// Returns when nobody waits for an answer; nobody asks again before Resume().
  void Rest();
  void Resume();
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] AnswerCounts Sum() const;
  /// The first of them, each with its question.
  [[nodiscard]] std::vector<std::string> wrong() const;

 private:
  enum class Outcome : uint8_t { kRight, kWrong, kExpired, kRefused, kNone };

  void View(Questions questions, uint64_t seed);
  void CheckHours(const Questions& questions);
  Outcome Ask(const Question& question);
  Outcome Fetch(const Question& question);
  bool IsKept(const Question& question) const;
  void Count(size_t kind, Outcome outcome);
  // False when it is time to end.
  bool Pause(std::chrono::milliseconds length);

  const ViewerOptions options_;
  const Ledger& ledger_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable stop_;
  bool stopping_ = false;
  bool resting_ = false;
  size_t asking_ = 0;
  std::condition_variable resting_changed_;  // or asking_
  Counts counts_{};
  std::vector<std::string> wrong_;
  std::vector<std::thread> threads_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_VIEWERS_H_
