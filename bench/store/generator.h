// SPDX-License-Identifier: MIT
//
// Purpose: made-up windows, the same in every run: 2,000 C++-like stacks of about 31 frames, drawn
//   620 times a window by Zipf's law, bent a little for each process.
// Thread safety: one thread at a time.
// Errors: none.
#ifndef STACKSAMPLER_BENCH_STORE_GENERATOR_H_
#define STACKSAMPLER_BENCH_STORE_GENERATOR_H_

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler::bench {

inline constexpr size_t kStacks = 2000;

/// (stack, weight), each stack once.
using Draws = std::vector<std::pair<uint32_t, int64_t>>;

class Generator {
 public:
  Generator();

  /// What process `process` gave in one window.
  Draws Draw(size_t process);
  /// A third of the stacks has other names from now on, as after a deploy.
  void Deploy();

  [[nodiscard]] Profile ProfileOf(const Draws& draws) const;
  /// The node of a stack in a profile that many windows share.
  [[nodiscard]] StackId Intern(uint32_t stack, Profile* profile) const;
  /// "root;caller;leaf 17" lines.
  [[nodiscard]] std::string FoldedOf(const Draws& draws) const;
  [[nodiscard]] const std::string& FoldedStack(uint32_t stack) const { return folded_[stack]; }

 private:
  // Which stacks a process has: a draw asks it 620 times, and a month has three billion of them.
  struct Chances {
    std::vector<double> sums;     // up to and with each stack
    std::vector<uint16_t> guide;  // the first stack that a part of [0, 1) may draw
  };

  Chances NewChances();
  static uint32_t StackAt(const Chances& chances, double unit);
  std::vector<uint32_t> NewStack();
  std::string NewFrame();
  void Fold(uint32_t stack);

  std::mt19937_64 random_{20240318};
  std::vector<std::string> frames_;
  std::vector<std::vector<uint32_t>> stacks_;  // frames, root first
  std::vector<std::string> folded_;
  std::vector<Chances> chances_;  // by process
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_GENERATOR_H_
