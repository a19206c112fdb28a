// SPDX-License-Identifier: MIT
#include "collector/collector_support.h"

#include <algorithm>
#include <utility>

#include "collector/collector.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"

namespace stacksampler::collector {

Result<bool> MemoryWriter::Append(const store::Record& record) {
  if (refuse_append) {
    const bool is_first = refusals++ == 0;
    return Status(is_first ? StatusCode::kResourceExhausted : after_refusals, "disk full");
  }
  if (stored.Stored(record.labels, record.window)) return false;
  in_order = in_order && record.end_ns >= last_end_ns;
  last_end_ns = record.end_ns;
  pending.emplace_back(record.labels, record.window);
  pending_weight += record.profile->TotalWeight();
  return true;
}

Status MemoryWriter::Commit() {
  if (commits_to_refuse > 0) {
    --commits_to_refuse;
    on_commit_refused();
    return {StatusCode::kResourceExhausted, "disk full"};
  }
  committed_weight += std::exchange(pending_weight, 0);
  for (const auto& [labels, window] : std::exchange(pending, {})) {
    stored.Remember(labels, window, 1);
  }
  return Status::Ok();
}

std::unique_ptr<http::Server> Serve(http::Handler handler) {
  auto server = http::Server::Listen({}, std::move(handler));
  REQUIRE(server.ok());
  return std::move(*server);
}

Profile Samples(int64_t weight) {
  Profile profile;
  profile.period_ns = 5'000'000;
  profile.start_ns = 1'000'000'000;
  profile.end_ns = 2'000'000'000;
  profile.AddSample(profile.InternStack(0, profile.InternFrame("main")), 0, weight,
                    weight * profile.period_ns);
  return profile;
}

http::Response WindowedTarget::operator()(const http::Request& request) {
  acks.push_back(request.Param("ack"));
  const auto [first, last] = request.params.equal_range("ack");
  const std::string latest = instance + ":" + std::to_string(last_id);
  if (std::any_of(first, last, [&](const auto& ack) { return ack.second == latest; })) {
    acknowledged = sampled;
  }
  sampled += 10;
  http::Response response;
  response.body = EncodePprof(Samples(sampled - acknowledged));
  response.headers = {{"X-Stacksampler-Instance", instance},
                      {"X-Stacksampler-Window", std::to_string(++last_id)}};
  return response;
}

void PollOnce(uint16_t port, store::StoreWriter* writer, CollectorCounters* counters) {
  Collector collector({{"127.0.0.1", port}}, writer, {});
  collector.RunOnce();
  if (counters != nullptr) *counters = collector.counters();
}

}  // namespace stacksampler::collector
