// SPDX-License-Identifier: MIT
#include "collector/source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>

namespace stacksampler::collector {
namespace {

constexpr char kInstanceHeader[] = "x-stacksampler-instance";
constexpr char kWindowHeader[] = "x-stacksampler-window";
constexpr char kTurnHeader[] = "x-stacksampler-turn";
constexpr int kUnauthorized = 401;
constexpr int kConflict = 409;
constexpr size_t kMaxInstanceBytes = 64;
constexpr size_t kMaxForgotten = 1024;
constexpr uint64_t kMaxTurn = uint64_t{1} << 63;

std::string HeaderOf(const http::Fetched& answer, const char* name) {
  const auto found = answer.headers.find(name);
  return found != answer.headers.end() ? found->second : std::string();
}

// It goes back into a request line, so a hostile target must not choose its bytes.
bool IsInstance(const std::string& text) {
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  return !text.empty() && text.size() <= kMaxInstanceBytes &&
         std::all_of(text.begin(), text.end(), is_hex);
}

// "" and what is no number: nullopt.
std::optional<uint64_t> NumberOf(const http::Fetched& answer, const char* name) {
  const std::string text = HeaderOf(answer, name);
  const char* const end = text.data() + text.size();
  uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), end, number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// Hostile text may claim any length; what no process can have run for counts as unknown.
int64_t LengthNs(double elapsed_seconds) {
  constexpr double kCenturySeconds = 3.2e9;
  return elapsed_seconds > 0 && elapsed_seconds < kCenturySeconds
             ? static_cast<int64_t>(elapsed_seconds * 1e9)
             : 0;
}

// Forty digits of our own name and what was acknowledged tell nobody what is wrong.
Status WithoutQuery(const Status& status) {
  std::string text = status.message();
  const size_t query = text.find('?');
  const size_t end = text.find(": ", query);  // a query holds no space
  if (end != std::string::npos) text.erase(query, end - query);
  return {status.code(), text};
}

Status BadAnswer(const Target& target, int status) {
  if (status == kUnauthorized) {
    return {StatusCode::kPermissionDenied,
            target.Name() + ": asks for a token, or for another one; see --token-file"};
  }
  return {StatusCode::kUnavailable, target.Name() + ": answered HTTP " + std::to_string(status)};
}

}  // namespace

int64_t NowNs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

// Times of samples are moved by whole differences only: moved by what an answer takes on its way,
// which is never the same, they would leave seams and overlaps between windows. A slow answer is
// not a difference: the window was made at any moment since it was asked for.
void Collected::EndAt(int64_t now_ns) {
  constexpr int64_t kSameClockNs = 1'000'000'000;
  // What ends at no known time is not moved.
  const int64_t behind_ns = samples.end_ns > 0 ? now_ns - samples.end_ns : 0;
  const int64_t waited_ns = std::max<int64_t>(now_ns - asked_ns, 0);
  if (behind_ns < -kSameClockNs || behind_ns > waited_ns + kSameClockNs) {
    samples.ShiftTimes(behind_ns);
  }
  samples.end_ns = now_ns;
  samples.start_ns = now_ns - length_ns;
}

Source::Source(Target target, std::string reader, const std::vector<store::WindowRef>& stored,
               http::FetchOptions options, SharedDictionary* dictionary,
               std::chrono::milliseconds bucket)
    : target_(std::move(target)),
      reader_(std::move(reader)),
      options_(std::move(options)),
      dictionary_(dictionary),
      bucket_(bucket) {
  if (!target_.tls) options_.tls = nullptr;
  for (auto it = stored.rbegin(); it != stored.rend(); ++it) Stored(*it);
}

// Behind one name several processes may take turns to answer.
void Source::Stored(const store::WindowRef& window) {
  store::WindowRef last = window;
  std::erase_if(stored_, [&](const auto& ref) {
    if (ref.instance != window.instance) return false;
    last.id = std::max(last.id, ref.id);
    return true;
  });
  stored_.insert(stored_.begin(), last);
  std::erase(forgotten_, window.instance);
  if (stored_.size() <= store::kMaxInstances) return;
  forgotten_.push_back(stored_.back().instance);
  stored_.pop_back();
  if (forgotten_.size() > kMaxForgotten) forgotten_.pop_front();
}

std::string Source::NextRequest() {
  turn_ = std::max(turn_ + 1, static_cast<uint64_t>(NowNs()));
  std::string path = "/window?reader=" + reader_ + "&turn=" + std::to_string(turn_);
  if (bucket_.count() != 0) path += "&sample_times=" + std::to_string(bucket_.count());
  for (const auto& ref : stored_) path += "&ack=" + ref.instance + ":" + std::to_string(ref.id);
  return path;
}

// The target has taken a later turn: the clock was set back before a restart.
bool Source::CatchUp(const http::Fetched& answer) {
  const auto taken = NumberOf(answer, kTurnHeader);
  if (answer.status != kConflict || !taken || *taken < turn_ || *taken > kMaxTurn) return false;
  turn_ = *taken;
  return true;
}

Result<Collected> Source::Collect() {
  const int64_t asked_ns = NowNs();
  Result<Collected> collected = Ask();
  if (collected.ok()) collected->asked_ns = asked_ns;
  return collected;
}

Result<Collected> Source::Ask() {
  auto answer = http::Get(target_.host, target_.port, NextRequest(), options_);
  if (answer.ok() && CatchUp(*answer)) {
    answer = http::Get(target_.host, target_.port, NextRequest(), options_);
  }
  if (!answer.ok()) return WithoutQuery(answer.status());
  // The original answers every path with its folded text, others with 404; only our own endpoint
  // names an instance.
  if (HeaderOf(*answer, kInstanceHeader).empty()) {
    if (answer->status == 200 || answer->status == 404) return FromReset();
    return BadAnswer(target_, answer->status);
  }
  if (answer->status != 200) return BadAnswer(target_, answer->status);
  return FromWindow(*answer);
}

Result<Collected> Source::FromWindow(const http::Fetched& answer) const {
  Collected collected;
  const auto id = NumberOf(answer, kWindowHeader);
  collected.window = {HeaderOf(answer, kInstanceHeader), id.value_or(0)};
  if (!id || !IsInstance(collected.window.instance)) {
    return Status(StatusCode::kDataLoss, target_.Name() + ": its window has no readable id");
  }
  // A target of an older version knows no turns.
  if (!HeaderOf(answer, kTurnHeader).empty() && NumberOf(answer, kTurnHeader) != turn_) {
    return Status(StatusCode::kDataLoss, target_.Name() + ": answered another request than ours");
  }
  auto samples = dictionary_->DecodePprof(answer.body);
  if (!samples.ok())
    return Status(samples.status().code(), target_.Name() + ": " + samples.status().message());
  collected.samples = std::move(*samples);
  collected.length_ns = std::max<int64_t>(collected.samples.end_ns - collected.samples.start_ns, 0);
  collected.repeats = std::find(forgotten_.begin(), forgotten_.end(), collected.window.instance) !=
                      forgotten_.end();
  return collected;
}

Result<Collected> Source::FromReset() {
  auto answer = http::Get(target_.host, target_.port, "/?reset=true", options_);
  if (!answer.ok()) return answer.status();
  if (answer->status != 200) return BadAnswer(target_, answer->status);
  // Ours gives these samples in a window as well: whoever answered for it before was somebody else.
  if (!HeaderOf(*answer, kInstanceHeader).empty()) {
    return Status(StatusCode::kUnavailable, target_.Name() + ": did not answer itself at first");
  }
  Collected collected;
  FoldedReport report;
  collected.samples = dictionary_->DecodeFolded(answer->body, &report);
  if (collected.samples.empty() && report.malformed_lines > 0) {
    return Status(StatusCode::kDataLoss, target_.Name() + ": the answer is no folded text");
  }
  collected.malformed_lines = report.malformed_lines;
  if (!report.first_errors.empty()) {
    const FoldedError& error = report.first_errors.front();
    collected.first_malformed = "line " + std::to_string(error.line) + ": " + error.reason;
  }
  collected.length_ns = LengthNs(report.elapsed_seconds);
  return collected;
}

}  // namespace stacksampler::collector
