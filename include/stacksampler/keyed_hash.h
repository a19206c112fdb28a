// SPDX-License-Identifier: MIT
//
// Purpose: hashes for tables whose keys come from outside, keyed with a secret that the process draws:
//   who chooses the keys cannot tell which of them fall together, and so cannot make a table slow.
//   For Profile and what is built from it: no interface of its own.
// Shapes: a hash is good in this process alone. Nothing that is shown or stored may depend on one, nor
//   on the order in which a table that uses one is walked.
// Thread safety: pure functions; the secret is drawn once and never changes.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_KEYED_HASH_H_
#define STACKSAMPLER_KEYED_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stacksampler/export.h"

namespace stacksampler {

struct STACKSAMPLER_EXPORT HashSecret {
  /// Tables keep a reference, so that one which crosses a library's border keeps its own.
  static const HashSecret& OfProcess();

  /// Of so many numbers. Two lists have one hash with a probability of at most 2^-31 over all
  /// secrets, whatever they are (Thorup, "High Speed Hashing for Integers and Strings", 2015,
  /// pair-multiply-shift); that they share a place of a table less often than by chance is not
  /// proved but tested.
  [[nodiscard]] uint64_t Mix(uint32_t a, uint32_t b) const { return Fold(Product(0, a, b)); }
  [[nodiscard]] uint64_t Mix(const std::array<uint32_t, 6>& all) const {
    return Fold(Product(0, all[0], all[1]) + Product(2, all[2], all[3]) +
                Product(4, all[4], all[5]));
  }
  /// Of one number of 64 bits.
  [[nodiscard]] uint64_t Mix(uint64_t number) const {
    return Mix(static_cast<uint32_t>(number >> 32), static_cast<uint32_t>(number));
  }

  std::array<uint64_t, 6> numbers;
  std::array<unsigned char, 192> text;

 private:
  __extension__ using Wide = unsigned __int128;
  [[nodiscard]] Wide Product(size_t at, uint32_t a, uint32_t b) const {
    return Wide{numbers[at] + a} * (numbers[at + 1] + b);
  }
  // Numbers in equal steps, as ids are, have products in equal steps, which some secrets would lay
  // side by side. What follows the product is one to one, so it makes no two agree that did not.
  static uint64_t Fold(Wide sum) {
    auto mixed = static_cast<uint64_t>(sum >> 32);
    mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9;
    return mixed ^ mixed >> 32;
  }
};

/// For unordered containers with numbers as keys.
class NumberHasher {
 public:
  size_t operator()(uint64_t number) const noexcept { return secret_->Mix(number); }

 private:
  const HashSecret* secret_ = &HashSecret::OfProcess();
};

/// For tables with texts as keys: XXH3 with a secret of its full length, and what comes of it mixed
/// once more, because XXH3 of short texts is one fixed permutation behind the secret.
class STACKSAMPLER_EXPORT TextHasher {
 public:
  using is_transparent = void;
  // Not noexcept: containers of libstdc++ then keep the hashes instead of making them again.
  size_t operator()(std::string_view text) const;

 private:
  const HashSecret* secret_ = &HashSecret::OfProcess();
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_KEYED_HASH_H_
