// SPDX-License-Identifier: MIT
#include "stacksampler/keyed_hash.h"

#include <sys/auxv.h>
#include <sys/random.h>

#include <cstring>
#include <random>

// Compiled in: what is linked with the core shall not need the library.
#define XXH_INLINE_ALL
#include STACKSAMPLER_XXHASH_HEADER

namespace stacksampler {
namespace {

using Seed = std::array<uint32_t, 4>;

// Where a sandbox refuses the call there is what the kernel gave the process at its start.
Seed DrawSeed() {
  Seed seed = {};
  if (getrandom(seed.data(), sizeof seed, GRND_NONBLOCK) == sizeof seed) return seed;
  const auto given = getauxval(AT_RANDOM);
  if (given != 0) std::memcpy(seed.data(), reinterpret_cast<const void*>(given), sizeof seed);
  return seed;
}

// 128 bits of chance as a secret's length. No strong generator is needed: nobody sees what it
// makes.
HashSecret Stretch(const Seed& seed) {
  std::seed_seq words(seed.begin(), seed.end());
  std::mt19937_64 random(words);
  HashSecret secret = {};
  for (uint64_t& number : secret.numbers) number = random();
  for (unsigned char& byte : secret.text) byte = static_cast<unsigned char>(random());
  return secret;
}

}  // namespace

const HashSecret& HashSecret::OfProcess() {
  static const HashSecret secret = Stretch(DrawSeed());
  return secret;
}

size_t TextHasher::operator()(std::string_view text) const {
  return secret_->Mix(
      XXH3_64bits_withSecret(text.data(), text.size(), secret_->text.data(), secret_->text.size()));
}

}  // namespace stacksampler
