// SPDX-License-Identifier: MIT
//
// Purpose: makes the file of a SharedClock, and tells its time to the soak itself.
// Thread safety: Now() from any thread.
// Errors: ends the program, with the file's name.
#ifndef STACKSAMPLER_BENCH_SOAK_SOAK_CLOCK_H_
#define STACKSAMPLER_BENCH_SOAK_SOAK_CLOCK_H_

#include <cstdint>
#include <string>

#include "shared_clock.h"

namespace stacksampler::bench {

class SoakClock {
 public:
  /// Begins with the next day (UTC): files are as old as the machine's own clock says, and must not
  /// look newer than now.
  SoakClock(std::string path, int64_t rate);

  [[nodiscard]] int64_t start_ns() const { return shared_->start_ns; }
  [[nodiscard]] int64_t Now() const;
  [[nodiscard]] SharedClock* shared() const { return shared_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  SharedClock* shared_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_SOAK_CLOCK_H_
