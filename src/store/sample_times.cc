// SPDX-License-Identifier: MIT
#include "store/sample_times.h"

#include "store/profile_store.h"

namespace stacksampler::store {

Status CheckSampleTimesQuery(const SampleTimesQuery& query) {
  if (query.from_ns >= 0 && query.from_ns < query.until_ns) return Status::Ok();
  return {StatusCode::kInvalidArgument,
          "sample times: the range is empty or begins before 1970; ask for one that ends after it "
          "begins"};
}

SampleTimes NoSampleTimes(const SampleTimesQuery& query) {
  SampleTimes none;
  none.profile.start_ns = query.from_ns;
  none.profile.end_ns = query.until_ns;
  return none;
}

}  // namespace stacksampler::store
