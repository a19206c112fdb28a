// SPDX-License-Identifier: MIT
#include "cpuprofile/interval.h"

#include "support/catch.h"

namespace stacksampler::cpuprofile {
namespace {

using std::chrono::microseconds;

TEST_CASE("Interval: reads numbers with a unit, and nothing else") {
  CHECK(*ParseInterval("1ms") == microseconds(1000));
  CHECK(*ParseInterval("500us") == microseconds(500));
  CHECK(*ParseInterval("0.01s") == microseconds(10000));
  for (const char* bad : {"", "1", "ms", "-1ms", "0ms", "1 ms", "1msx", "infs", "nanms", "1e30s"}) {
    CHECK_FALSE(ParseInterval(bad).ok());
  }
}

}  // namespace
}  // namespace stacksampler::cpuprofile
