// SPDX-License-Identifier: MIT
#include "collector/source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler::collector {
namespace {

constexpr char kInstanceHeader[] = "x-stacksampler-instance";
constexpr char kWindowHeader[] = "x-stacksampler-window";
constexpr int kUnauthorized = 401;
constexpr size_t kMaxInstanceBytes = 64;
constexpr size_t kMaxInstances = 8;

int64_t NowNs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

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

// Hostile text may claim any length; what no process can have run for counts as unknown.
int64_t LengthNs(double elapsed_seconds) {
  constexpr double kCenturySeconds = 3.2e9;
  return elapsed_seconds > 0 && elapsed_seconds < kCenturySeconds
             ? static_cast<int64_t>(elapsed_seconds * 1e9)
             : 0;
}

// Forty digits of our own name and what was acknowledged tell nobody what is wrong.
Status WithoutQuery(const Status& status, const std::string& path) {
  std::string text = status.message();
  const size_t at = text.find(path);
  const size_t query = path.find('?');
  if (at != std::string::npos) text.erase(at + query, path.size() - query);
  return {status.code(), text};
}

Status BadAnswer(const Target& target, int status) {
  if (status == kUnauthorized) {
    return {StatusCode::kPermissionDenied,
            target.Name() + ": asks for a token, or for another one; see --token-file"};
  }
  return {StatusCode::kUnavailable, target.Name() + ": answered HTTP " + std::to_string(status)};
}

// The window's length is the target's, its place in time the collector's: clocks of two machines
// differ.
void PlaceInTime(Profile* profile, int64_t length_ns, int64_t now_ns) {
  profile->end_ns = now_ns;
  profile->start_ns = now_ns - std::max<int64_t>(length_ns, 0);
}

}  // namespace

Source::Source(Target target, std::string reader, std::optional<store::WindowRef> stored,
               http::FetchOptions options)
    : target_(std::move(target)), reader_(std::move(reader)), options_(std::move(options)) {
  if (stored) Stored(*stored);
}

// Behind one name several processes may take turns to answer.
void Source::Stored(const store::WindowRef& window) {
  std::erase_if(stored_, [&](const auto& ref) { return ref.instance == window.instance; });
  stored_.insert(stored_.begin(), window);
  if (stored_.size() > kMaxInstances) stored_.pop_back();
}

Result<Collected> Source::Collect() {
  std::string path = "/window?reader=" + reader_;
  for (const auto& ref : stored_) path += "&ack=" + ref.instance + ":" + std::to_string(ref.id);
  auto answer = http::Get(target_.host, target_.port, path, options_);
  if (!answer.ok()) return WithoutQuery(answer.status(), path);
  // The original answers every path with its folded text, others with 404; only our own endpoint
  // names an instance.
  if (HeaderOf(*answer, kInstanceHeader).empty()) {
    if (answer->status == 200 || answer->status == 404) return FromReset();
    return BadAnswer(target_, answer->status);
  }
  if (answer->status != 200) return BadAnswer(target_, answer->status);
  return FromWindow(*answer, NowNs());
}

Result<Collected> Source::FromWindow(const http::Fetched& answer, int64_t now_ns) const {
  Collected collected;
  collected.window.instance = HeaderOf(answer, kInstanceHeader);
  const std::string id = HeaderOf(answer, kWindowHeader);
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), collected.window.id);
  const bool id_fits =
      !id.empty() && parsed.ec == std::errc() && parsed.ptr == id.data() + id.size();
  if (!id_fits || !IsInstance(collected.window.instance)) {
    return Status(StatusCode::kDataLoss, target_.Name() + ": its window has no readable id");
  }
  auto profile = DecodePprof(answer.body);
  if (!profile.ok())
    return Status(profile.status().code(), target_.Name() + ": " + profile.status().message());
  collected.profile = std::move(*profile);
  PlaceInTime(&collected.profile, collected.profile.end_ns - collected.profile.start_ns, now_ns);
  return collected;
}

Result<Collected> Source::FromReset() {
  auto answer = http::Get(target_.host, target_.port, "/?reset=true", options_);
  if (!answer.ok()) return answer.status();
  if (answer->status != 200) return BadAnswer(target_, answer->status);
  FoldedDocument document = DecodeFolded(answer->body);
  if (document.profile.samples().empty() && document.malformed_lines > 0) {
    return Status(StatusCode::kDataLoss, target_.Name() + ": the answer is no folded text");
  }
  Collected collected;
  collected.profile = std::move(document.profile);
  collected.malformed_lines = document.malformed_lines;
  if (!document.first_errors.empty()) {
    const FoldedError& error = document.first_errors.front();
    collected.first_malformed = "line " + std::to_string(error.line) + ": " + error.reason;
  }
  PlaceInTime(&collected.profile, LengthNs(document.elapsed_seconds), NowNs());
  return collected;
}

}  // namespace stacksampler::collector
