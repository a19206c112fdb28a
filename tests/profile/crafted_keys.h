// SPDX-License-Identifier: MIT
//
// Purpose: keys that fall together in tables without a secret, made as somebody who wants to make a
//   reader slow would make them.
#ifndef STACKSAMPLER_TESTS_PROFILE_CRAFTED_KEYS_H_
#define STACKSAMPLER_TESTS_PROFILE_CRAFTED_KEYS_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_set>
#include <vector>

namespace stacksampler::tests {

// libstdc++'s std::hash of a text is MurmurHash64A under a seed that everybody knows: its steps are
// undone here, so that a second word takes back what the first one did.
class CollidingTexts {
 public:
  /// Texts that begin with `prefix`, of whole words, and have one std::hash.
  explicit CollidingTexts(std::string prefix = "") : prefix_(std::move(prefix)) {
    state_ = kSeed ^ ((prefix_.size() + 2 * kWord) * kFactor);
    for (size_t at = 0; at < prefix_.size(); at += kWord) {
      uint64_t word = 0;
      std::memcpy(&word, &prefix_[at], kWord);
      state_ = Step(state_, word);
    }
  }

  [[nodiscard]] std::string Text(uint64_t number) const {
    const std::array<uint64_t, 2> words = {number, Undo(Step(state_, number))};
    std::string text = prefix_;
    return text.append(reinterpret_cast<const char*>(words.data()), sizeof words);
  }

 private:
  static constexpr size_t kWord = sizeof(uint64_t);
  static constexpr uint64_t kSeed = 0xc70f6907;
  static constexpr uint64_t kFactor = 0xc6a4a7935bd1e995;

  static constexpr uint64_t Inverse(uint64_t odd) {
    uint64_t inverse = odd;
    for (int i = 0; i < 6; ++i) inverse *= 2 - odd * inverse;
    return inverse;
  }
  static uint64_t Shift(uint64_t word) { return word ^ word >> 47; }
  static uint64_t Step(uint64_t state, uint64_t word) {
    return (state ^ Shift(word * kFactor) * kFactor) * kFactor;
  }
  /// The word by which Step() makes 0 of `state`.
  static uint64_t Undo(uint64_t state) {
    return Shift(state * Inverse(kFactor)) * Inverse(kFactor);
  }

  std::string prefix_;
  uint64_t state_ = 0;
};

/// So many numbers that all fall into one bucket of a table that holds them by their own value.
inline std::vector<uint64_t> CollidingNumbers(size_t many) {
  std::unordered_set<uint64_t> table;
  for (uint64_t i = 0; i < many; ++i) table.insert(i);
  std::vector<uint64_t> numbers;
  for (uint64_t i = 1; i <= many; ++i) numbers.push_back(i * table.bucket_count());
  return numbers;
}

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_PROFILE_CRAFTED_KEYS_H_
