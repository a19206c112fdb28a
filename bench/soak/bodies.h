// SPDX-License-Identifier: MIT
//
// Purpose: the windows that the farm hands out, encoded once and handed out many times; what is in
//   each of them, for whoever counts.
// Thread safety: Deploy() and Choose() from one thread, the others from any; what At() and Text()
//   refer to stays as it is.
// Errors: none.
#ifndef STACKSAMPLER_BENCH_SOAK_BODIES_H_
#define STACKSAMPLER_BENCH_SOAK_BODIES_H_

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/generator.h"

namespace stacksampler::bench {

struct Body {
  std::string gzip;  // of pprof
  int64_t weight = 0;
  std::vector<std::pair<uint32_t, int64_t>> stacks;  // Bodies::Text() of each, weight
};

class Bodies {
 public:
  static constexpr uint32_t kOfAnEra = 64;

  Bodies() { MakeEra(); }

  /// A third of the stacks gets other names, in all bodies from now on.
  void Deploy();
  /// One of those of now: the same for the same numbers.
  [[nodiscard]] uint32_t Choose(uint64_t target, uint64_t window) const;
  [[nodiscard]] const Body& At(uint32_t body) const {
    const std::lock_guard lock(mutex_);
    return bodies_[body];
  }
  /// "root;caller;leaf"
  [[nodiscard]] const std::string& Text(uint32_t text) const {
    const std::lock_guard lock(mutex_);
    return texts_[text];
  }

 private:
  void MakeEra();
  void TakeTexts();
  Body MakeBody(size_t process);

  Generator generator_;
  std::vector<uint32_t> text_of_stack_;  // of now
  mutable std::mutex mutex_;             // guards what follows against growing
  std::deque<std::string> texts_;
  std::deque<Body> bodies_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_BODIES_H_
