// SPDX-License-Identifier: MIT
#include "collector/keep.h"

#include "support/catch.h"

namespace stacksampler::collector {

TEST_CASE("Keep: a bucket of sample times is a whole part of a second") {
  CHECK(*ParseBucket("--sample-times", "20ms") == 20);
  CHECK(*ParseBucket("--sample-times", "1ms") == 1);
  CHECK(*ParseBucket("--sample-times", "1000ms") == 1000);
  CHECK(*ParseBucket("--sample-times", "1s") == 1000);
  for (const char* text :
       {"", "0", "0ms", "20", "20m", "1001ms", "2s", "ms", "-1ms", "1.5ms", "15ms", "300ms"}) {
    INFO(text);
    CHECK_FALSE(ParseBucket("--sample-times", text).ok());
  }
}

TEST_CASE("Keep: ages have a unit, and 0 is without limit") {
  constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;
  CHECK(*ParseAge("--keep", "36h") == 36 * kHour);
  CHECK(*ParseAge("--keep", "30d") == 30 * 24 * kHour);
  CHECK(*ParseAge("--keep", "8w") == 8 * 7 * 24 * kHour);
  CHECK(*ParseAge("--keep", "2y") == 2 * 365 * 24 * kHour);
  CHECK(*ParseAge("--keep", "0") == 0);
}

TEST_CASE("Keep: sizes have a unit, and 0 is without limit") {
  CHECK(*ParseBytes("--keep-bytes", "1K") == 1024);
  CHECK(*ParseBytes("--keep-bytes", "500M") == uint64_t{500} << 20);
  CHECK(*ParseBytes("--keep-bytes", "10G") == uint64_t{10} << 30);
  CHECK(*ParseBytes("--keep-bytes", "1T") == uint64_t{1} << 40);
  CHECK(*ParseBytes("--keep-bytes", "0") == 0);
}

TEST_CASE("Keep: what is no age or size is refused by the option's name") {
  for (const char* text : {"", "30", "d", "-1d", "30 d", "30days", "1.5d", "9999999y", "d30"}) {
    INFO(text);
    CHECK(ParseAge("--keep", text).status().message().find("--keep: ") == 0);
  }
  for (const char* text : {"", "10", "G", "-1G", "10GB", "10g", "99999999T"}) {
    INFO(text);
    CHECK(ParseBytes("--keep-bytes", text).status().message().find("--keep-bytes: ") == 0);
  }
}

}  // namespace stacksampler::collector
