// SPDX-License-Identifier: MIT
#include "store/record_check.h"

#include <algorithm>
#include <string>

#include "store/segment_layout.h"

namespace stacksampler::store {
namespace {

Status Refused(const std::string& what) {
  return {StatusCode::kInvalidArgument, "record refused: " + what};
}

Status CheckTimes(const Record& record) {
  if (record.times == nullptr) return Status::Ok();
  if (record.bucket_ns < kMinBucketNs || record.bucket_ns > kMaxBucketNs) {
    return Refused("buckets of its sample times are not of 1 ms to 1 s");
  }
  const Profile& profile = *record.profile;
  int64_t left = profile.TotalWeight();
  const auto is_good = [&](const TimedSample& timed) {
    if (timed.weight < 0 || timed.weight > left) return false;
    left -= timed.weight;
    return timed.stack < profile.stacks().size() && timed.labels < profile.label_sets().size();
  };
  return std::all_of(record.times->begin(), record.times->end(), is_good)
             ? Status::Ok()
             : Refused("its sample times name or weigh what is not in its profile");
}

}  // namespace

Status CheckRecord(const Record& record) {
  if (record.profile == nullptr) return Refused("it has no profile");
  const Status valid =
      record.profile_number != 0 ? record.profile->ValidateSamples() : record.profile->Validate();
  if (!valid.ok()) return Refused(valid.message());
  if (record.start_ns < 0 || record.start_ns > record.end_ns || record.end_ns >= kMaxTimeNs) {
    return Refused("its window is not a time since 1970 that ends after its start");
  }
  int64_t cpu_ns = 0;
  const int64_t period_ns = record.profile->period_ns;
  if (period_ns < 0 || __builtin_mul_overflow(record.profile->TotalWeight(), period_ns, &cpu_ns)) {
    return Refused("its CPU time, weight times period, passes 2^63 ns or is negative");
  }
  if (Status status = CheckTimes(record); !status.ok()) return status;
  for (size_t i = 1; i < record.labels.size(); ++i) {
    if (record.labels[i - 1].first >= record.labels[i].first) {
      return Refused("the target's labels are not sorted by key, or a key repeats");
    }
  }
  return Status::Ok();
}

}  // namespace stacksampler::store
