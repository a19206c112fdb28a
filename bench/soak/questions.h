// SPDX-License-Identifier: MIT
//
// Purpose: the questions that viewers ask of the visualizer, each with its right answer by the
//   ledger.
// Thread safety: Asker is one thread's; its ledger and bodies are shared.
// Errors: none; a question for which there is nothing to ask yet is nullopt.
#ifndef STACKSAMPLER_BENCH_SOAK_QUESTIONS_H_
#define STACKSAMPLER_BENCH_SOAK_QUESTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bodies.h"
#include "kept.h"
#include "ledger.h"

namespace stacksampler::bench {

struct Question {
  std::string path;
  std::vector<Span> spans;  // what the store must have had all the while
  /// Of the answer's body: "", or what is wrong with it.
  std::function<std::string(const std::string&)> check;
};

class Questions {
 public:
  enum Kind : uint8_t {
    kQuarter,   // the last 15 minutes
    kHour,      // an hour of the last days
    kRelative,  // "-3hours" to "-2hours"
    kPort,      // one target, any range
    kPorts,     // an hour of all targets, each by itself
    kOdd,       // any range of up to a day
    kDay,       // a day, which the store may have as its total alone
    kDiff,      // a quarter of an hour against another
    kFolded,    // stacks of an exported file, one by one
    kGone,      // what went long ago
    kKinds,
  };
  static const char* NameOf(Kind kind);

  Questions(const Ledger& ledger, const Bodies& bodies, std::vector<uint16_t> ports,
            int64_t start_ns, uint64_t seed)
      : ledger_(ledger),
        bodies_(bodies),
        ports_(std::move(ports)),
        start_ns_(start_ns),
        random_(seed) {}

  /// Which is asked next, the small ones more often.
  Kind NextKind();
  std::optional<Question> Make(Kind kind, const Kept& kept);
  /// All targets of a range, each by itself.
  [[nodiscard]] Question OfEachPort(const Span& span) const;

 private:
  [[nodiscard]] std::optional<Span> Any(const Kept& kept, int64_t least_s, int64_t most_s);
  [[nodiscard]] Question Total(const Span& span) const;
  [[nodiscard]] Question Relative() const;
  [[nodiscard]] Question OfPort(const Span& span, size_t target) const;
  [[nodiscard]] Question Diff(const Span& base, const Span& current) const;
  [[nodiscard]] Question Folded(const Span& span, size_t target) const;
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  const Ledger& ledger_;
  const Bodies& bodies_;
  const std::vector<uint16_t> ports_;
  const int64_t start_ns_;
  std::mt19937_64 random_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_QUESTIONS_H_
