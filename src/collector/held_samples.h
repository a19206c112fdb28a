// SPDX-License-Identifier: MIT
//
// Purpose: what a source without windows gave and the store refused. It exists only here, and goes
//   into the store before what the source gives next.
// Thread safety: outside locking.
#ifndef STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_
#define STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_

#include <cstdint>

#include "stacksampler/profile.h"

namespace stacksampler::collector {

class HeldSamples {
 public:
  [[nodiscard]] bool empty() const { return held_.samples().empty(); }
  [[nodiscard]] const Profile& profile() const { return held_; }
  /// To what is held. What is too much is given up, what is held rather than what comes: its
  /// weight, 0 otherwise.
  [[nodiscard]] int64_t Add(Profile profile);
  /// Holds nothing from now on. The weight that was held.
  int64_t Release();

 private:
  Profile held_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_HELD_SAMPLES_H_
