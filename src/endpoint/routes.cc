// SPDX-License-Identifier: MIT
#include "endpoint/routes.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <vector>

#include "endpoint/asker.h"
#include "endpoint/stats_text.h"
#include "endpoint/window_bytes.h"
#include "stacksampler/folded.h"

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
    case StatusCode::kAlreadyExists:
      return Plain(409, status.message());
    default:
      return Plain(500, status.message());
  }
}

Status BadValue(const std::string& name, const std::string& known) {
  return {StatusCode::kInvalidArgument, name + ": " + known};
}

Result<bool> Switch(const http::Request& request, const std::string& name, bool otherwise) {
  if (!request.HasParam(name)) return otherwise;
  const std::string value = request.Param(name);
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return BadValue(name, "write 1 or true, or 0 or false, for example ?" + name + "=1");
}

// One of the words, "" when it is absent.
Result<std::string> Choice(const http::Request& request, const std::string& name,
                           const std::vector<std::string>& words) {
  const std::string value = request.Param(name);
  if (!request.HasParam(name) || std::find(words.begin(), words.end(), value) != words.end()) {
    return value;
  }
  std::string known;
  for (const std::string& word : words) known += (known.empty() ? "'" : " or '") + word + '\'';
  return BadValue(name, "write " + known + ", for example /?" + name + '=' + words.front());
}

// From 1; `otherwise` when it is absent.
Result<uint64_t> Number(const http::Request& request, const std::string& name, uint64_t otherwise,
                        const char* known) {
  if (!request.HasParam(name)) return otherwise;
  const std::string text = request.Param(name);
  const char* end = text.data() + text.size();
  uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end && number > 0) return number;
  return BadValue(name, known);
}

Result<std::chrono::milliseconds> SampleTimes(const http::Request& request) {
  constexpr uint64_t kMaxMs = 1000;
  constexpr char kKnown[] =
      "write a bucket of 1 to 1000 milliseconds, for example &sample_times=20";
  if (!request.HasParam("sample_times")) return std::chrono::milliseconds(0);
  const auto ms = Number(request, "sample_times", 0, kKnown);
  if (!ms.ok()) return ms.status();
  if (*ms > kMaxMs) return BadValue("sample_times", kKnown);
  return std::chrono::milliseconds(*ms);
}

struct FoldedRequest {
  bool reset = false;
  FoldedOptions options;
};

// A parameter that nobody knows is let pass, as the original does.
Result<FoldedRequest> ParseFolded(const http::Request& request) {
  const auto reset = Switch(request, "reset", false);
  if (!reset.ok()) return reset.status();
  const auto headers = Switch(request, "headers", true);
  if (!headers.ok()) return headers.status();
  const auto by = Choice(request, "by", {"thread", "state"});
  if (!by.ok()) return by.status();
  const auto names = Choice(request, "names", {"full"});
  if (!names.ok()) return names.status();
  const auto limit = Number(request, "limit", SIZE_MAX,
                            "write how many of the heaviest stacks, for example /?limit=100");
  if (!limit.ok()) return limit.status();
  return FoldedRequest{*reset,
                       {.headers = *headers,
                        .root_label = *by,
                        .full_names = !names->empty(),
                        .max_lines = *limit,
                        .max_bytes = kMaxFoldedBytes}};
}

// The id that "INSTANCE:ID" acknowledges, 0 when it speaks of another instance.
Result<uint64_t> AcknowledgedId(const std::string& ack, const std::string& instance) {
  const size_t colon = ack.find(':');
  const size_t digits = colon == std::string::npos ? ack.size() : colon + 1;
  const char* end = ack.data() + ack.size();
  uint64_t id = 0;
  const auto parsed = std::from_chars(ack.data() + digits, end, id);
  if (parsed.ec != std::errc() || parsed.ptr != end) {  // no digits where there is no colon
    return Status(StatusCode::kInvalidArgument,
                  "ack '" + ack + "': write INSTANCE:ID, as the answers' headers name them");
  }
  return ack.compare(0, colon, instance) == 0 ? id : 0;
}

Result<WindowRequest> ParseWindow(const http::Request& request, const std::string& instance) {
  WindowRequest wanted;
  wanted.reader = request.Param("reader");
  const auto timeline = Switch(request, "timeline", false);
  if (!timeline.ok()) return timeline.status();
  wanted.timeline = *timeline;
  const auto close = Switch(request, "close", false);
  if (!close.ok()) return close.status();
  wanted.close = *close;
  const auto turn =
      Number(request, "turn", 0, "write a number above that of the reader's last request");
  if (!turn.ok()) return turn.status();
  wanted.turn = *turn;
  const auto bucket = SampleTimes(request);
  if (!bucket.ok()) return bucket.status();
  wanted.sample_times = *bucket;
  // Several processes may answer at one address: a collector names the last window of each.
  const auto acks = request.params.equal_range("ack");
  for (auto ack = acks.first; ack != acks.second; ++ack) {
    const auto id = AcknowledgedId(ack->second, instance);
    if (!id.ok()) return id.status();
    wanted.acknowledged = std::max(wanted.acknowledged, *id);
  }
  return wanted;
}

}  // namespace

Routes::Routes(std::shared_ptr<Sampler> sampler)
    : sampler_(std::move(sampler)),
      readers_(sampler_),
      plain_reader_(sampler_->OpenReader({.timeline = false, .from_start = true})) {}

const Routes::Route Routes::kRoutes[] = {
    {"/", &Routes::Folded}, {kWindowPath, &Routes::WindowOf}, {"/stats", &Routes::Stats}};

std::vector<std::string> Routes::Paths() {
  std::vector<std::string> paths;
  for (const Route& route : kRoutes) paths.emplace_back(route.path);
  return paths;
}

http::Response Routes::Answer(const http::Request& request) {
  for (const Route& route : kRoutes) {
    if (request.path == route.path) return (this->*route.answer)(request);
  }
  return Plain(
      404,
      "not found; there are / (folded stacks), /window?reader=NAME (for collectors) and /stats");
}

http::Response Routes::Folded(const http::Request& request) {
  const auto wanted = ParseFolded(request);
  if (!wanted.ok()) return Refusal(wanted.status());
  const std::string refusal = wanted->reset ? WhyNoReset(request, sampler_->instance()) : "";
  if (!refusal.empty()) return Plain(403, refusal);

  const std::lock_guard lock(plain_mutex_);
  auto window = sampler_->Read(plain_reader_);
  if (!window.ok()) return Refusal(window.status());
  http::Response response;
  response.body = EncodeFolded(window->profile, wanted->options);
  response.headers = {{kInstanceHeader, sampler_->instance()}};
  // Not before the answer exists: what it takes to make it may be missing.
  if (wanted->reset) sampler_->Acknowledge(plain_reader_, window->id);
  return response;
}

http::Response Routes::WindowOf(const http::Request& request) {
  if (AskerOf(request) != Asker::kWelcome) {
    return Plain(403,
                 "window: for collectors; refused to browsers, for a page of another site may ask");
  }
  const auto wanted = ParseWindow(request, sampler_->instance());
  if (!wanted.ok()) return Refusal(wanted.status());
  auto window = readers_.Read(*wanted);
  if (window.status().code() == StatusCode::kAlreadyExists) {
    http::Response late = Refusal(window.status());
    late.headers = {{kTurnHeader, std::to_string(readers_.LastTurn(wanted->reader))}};
    return late;
  }
  if (!window.ok()) return Refusal(window.status());
  http::Response response;
  response.content_type = "application/vnd.google.protobuf";
  EncodedWindow encoded = EncodeWindow(std::move(window->profile));
  response.body = std::move(encoded.bytes);
  folded_weight_ += static_cast<uint64_t>(encoded.folded_weight);
  untimed_weight_ += static_cast<uint64_t>(encoded.untimed_weight);
  response.headers = {{kInstanceHeader, sampler_->instance()},
                      {kWindowHeader, std::to_string(window->id)}};
  if (wanted->turn != 0) response.headers.emplace_back(kTurnHeader, std::to_string(wanted->turn));
  return response;
}

http::Response Routes::Stats(const http::Request&) {
  http::Response response;
  response.body = StatsText(sampler_->Stats());
  const ReaderLosses losses = readers_.losses();
  AddLine("expired_readers", std::to_string(losses.expired), &response.body);
  AddLine("refused_readers", std::to_string(losses.refused), &response.body);
  AddLine("untimed_reads", std::to_string(losses.untimed), &response.body);
  AddLine("folded_window_weight", std::to_string(folded_weight_), &response.body);
  AddLine("untimed_window_weight", std::to_string(untimed_weight_), &response.body);
  uint64_t deaf = 0;
  for (const auto& [name, count] : sampler_->ThreadsThatBlockSigprof()) {
    AddLine("blocks_sigprof[" + EscapeFoldedFrame(name) + "]", std::to_string(count),
            &response.body);
    deaf += count;
  }
  AddLine("threads_that_block_sigprof", std::to_string(deaf), &response.body);
  return response;
}

}  // namespace stacksampler::endpoint
