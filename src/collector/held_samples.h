// SPDX-License-Identifier: MIT
//
// Purpose: what a source without windows gave and the store refused. It exists only here, and goes
//   into the store with what the source gives next.
// Thread safety: outside locking.
#ifndef STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_
#define STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_

#include <cstdint>

#include "stacksampler/profile.h"

namespace stacksampler::collector {

class HeldSamples {
 public:
  [[nodiscard]] bool empty() const { return held_.samples().empty(); }
  /// Adds what is held, which stays held, to `whole`. False, and nothing added, when `whole` is too
  /// much for that.
  bool AddTo(Profile* whole) const;
  /// Instead of what was held until now. What is too much is given up: its weight, 0 otherwise.
  [[nodiscard]] int64_t Hold(Profile profile);
  /// Holds nothing from now on. The weight that was held.
  int64_t Release();

 private:
  Profile held_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_
