// SPDX-License-Identifier: MIT
#include "endpoint/routes.h"

#include <algorithm>
#include <charconv>

#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler::endpoint {
namespace {

http::Response Plain(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body) + "\n";
  return response;
}

http::Response Refusal(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
      return Plain(400, status.message());
    case StatusCode::kResourceExhausted:
      return Plain(503, status.message());
    default:
      return Plain(500, status.message());
  }
}

// A page of another site may make a browser ask for this address; it must not move anybody's
// cursor.
bool FromAnotherSite(const http::Request& request) {
  const std::string site = request.Header("sec-fetch-site");
  if (!site.empty()) return site != "none" && site != "same-origin";
  return !request.Header("origin").empty();
}

bool IsTrue(const std::string& value) { return value == "1" || value == "true"; }

// The id that "INSTANCE:ID" acknowledges, 0 when it speaks of another instance.
Result<uint64_t> AcknowledgedId(const std::string& ack, const std::string& instance) {
  const size_t colon = ack.find(':');
  const char* end = ack.data() + ack.size();
  uint64_t id = 0;
  const auto parsed = std::from_chars(ack.data() + std::min(colon, ack.size() - 1) + 1, end, id);
  if (colon == std::string::npos || parsed.ec != std::errc() || parsed.ptr != end) {
    return Status(StatusCode::kInvalidArgument,
                  "ack '" + ack + "': write INSTANCE:ID, as the answers' headers name them");
  }
  return ack.compare(0, colon, instance) == 0 ? id : 0;
}

}  // namespace

Routes::Routes(std::shared_ptr<Sampler> sampler)
    : sampler_(std::move(sampler)),
      readers_(sampler_),
      plain_reader_(sampler_->OpenReader({.timeline = false, .from_start = true})) {}

http::Response Routes::Answer(const http::Request& request) {
  if (request.path == "/") return Folded(request);
  if (request.path == "/window") return WindowOf(request);
  if (request.path == "/stats") return Stats();
  return Plain(
      404,
      "not found; there are / (folded stacks), /window?reader=NAME (for collectors) and /stats");
}

http::Response Routes::Folded(const http::Request& request) {
  const std::string by = request.Param("by");
  if (!by.empty() && by != "thread")
    return Plain(400, "by: only 'thread' is known, for example /?by=thread");
  const std::string names = request.Param("names");
  if (!names.empty() && names != "full")
    return Plain(400, "names: only 'full' is known, for example /?names=full");
  const bool reset = IsTrue(request.Param("reset"));
  if (reset && FromAnotherSite(request))
    return Plain(403, "reset: refused to a page of another site");

  auto window = reset ? sampler_->Take(plain_reader_) : sampler_->Read(plain_reader_);
  if (!window.ok()) return Refusal(window.status());
  http::Response response;
  response.body = EncodeFolded(
      window->profile,
      {.headers = request.Param("headers") != "0", .root_label = by, .full_names = !names.empty()});
  return response;
}

http::Response Routes::WindowOf(const http::Request& request) {
  if (FromAnotherSite(request)) return Plain(403, "window: refused to a page of another site");
  WindowRequest wanted;
  wanted.reader = request.Param("reader");
  wanted.timeline = IsTrue(request.Param("timeline"));
  wanted.close = IsTrue(request.Param("close"));
  // Several processes may answer at one address: a collector names the last window of each.
  const auto acks = request.params.equal_range("ack");
  for (auto ack = acks.first; ack != acks.second; ++ack) {
    const auto id = AcknowledgedId(ack->second, sampler_->instance());
    if (!id.ok()) return Refusal(id.status());
    wanted.acknowledged = std::max(wanted.acknowledged, *id);
  }

  auto window = readers_.Read(wanted);
  if (!window.ok()) return Refusal(window.status());
  http::Response response;
  response.content_type = "application/vnd.google.protobuf";
  response.body = EncodePprof(window->profile);
  response.headers = {{kInstanceHeader, sampler_->instance()},
                      {kWindowHeader, std::to_string(window->id)}};
  return response;
}

http::Response Routes::Stats() {
  const SamplerStats stats = sampler_->Stats();
  http::Response response;
  const auto line = [&](const char* name, uint64_t value) {
    response.body += std::string(name) + ' ' + std::to_string(value) + '\n';
  };
  line("delivered_signals", stats.delivered_signals);
  line("delivered_weight", stats.delivered_weight);
  line("recorded_weight", stats.recorded_weight);
  line("dropped_ring_full_weight", stats.dropped_ring_full_weight);
  line("truncated_stacks", stats.truncated_stacks);
  line("incomplete_stacks", stats.incomplete_stacks);
  line("guessed_frames", stats.guessed_frames);
  line("overflow_weight", stats.overflow_weight);
  line("lost_moments", stats.lost_moments);
  line("foreign_signals", stats.foreign_signals);
  line("threads_seen", stats.threads_seen);
  line("threads_now", stats.threads_now);
  line("timer_failures", stats.timer_failures);
  line("skipped_perf_map_lines", stats.skipped_perf_map_lines);
  line("expired_readers", readers_.expired());
  return response;
}

}  // namespace stacksampler::endpoint
