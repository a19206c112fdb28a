// SPDX-License-Identifier: MIT
#include "cpuprofile/window_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <utility>

#include "stacksampler/pprof.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr int kUnauthorized = 401;
constexpr size_t kMaxHeaderValue = 64;
constexpr size_t kMaxWindowBytes = size_t{256} << 20;

std::string RandomName() {
  std::random_device random;
  return fmt::format("cpuprofile-{:08x}{:08x}", random(), random());
}

// Both headers go back into a query: nothing else than words and numbers may come through.
bool IsWord(const std::string& text) {
  return !text.empty() && text.size() <= kMaxHeaderValue &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

std::string Header(const http::Fetched& answer, const char* name) {
  const auto it = answer.headers.find(name);
  return it == answer.headers.end() ? "" : it->second;
}

}  // namespace

WindowReader::WindowReader(http::Url target, http::FetchOptions fetch)
    : target_(std::move(target)),
      fetch_(std::move(fetch)),
      path_("/window?reader=" + RandomName() + "&timeline=1") {
  fetch_.max_body_bytes = kMaxWindowBytes;
}

std::string WindowReader::target() const {
  return http::UrlOf(target_.host, target_.port, target_.tls);
}

Status WindowReader::Open() {
  const Result<Profile> window = Fetch();
  return window.ok() ? Status::Ok() : window.status();
}

Status WindowReader::Read() {
  const Result<Profile> window = Fetch();
  if (!window.ok()) return window.status();
  profile_.Merge(*window);
  return Status::Ok();
}

void WindowReader::Close() {
  static_cast<void>(http::Get(target_.host, target_.port, path_ + "&close=1", fetch_));
}

Result<Profile> WindowReader::Fetch() {
  const std::string known = instance_.empty() ? "" : "&ack=" + instance_ + ":" + window_;
  const std::string turn = std::to_string(++turn_);
  const Result<http::Fetched> answer =
      http::Get(target_.host, target_.port, path_ + "&turn=" + turn + known, fetch_);
  if (!answer.ok()) return answer.status();
  const std::string instance = Header(*answer, "x-stacksampler-instance");
  const std::string window = Header(*answer, "x-stacksampler-window");
  if (answer->status == kUnauthorized) {
    return Status(StatusCode::kPermissionDenied,
                  target() + " asks for a token; name its file with --token-file");
  }
  if (answer->status != 200 || !IsWord(instance) || !IsWord(window)) {
    return Status(
        StatusCode::kUnavailable,
        fmt::format("{}{} answered {}; is a stacksampler of this version listening there?",
                    target(), "/window", answer->status));
  }
  // An older version knows no turns.
  if (const std::string answered = Header(*answer, "x-stacksampler-turn");
      !answered.empty() && answered != turn) {
    return Status(StatusCode::kUnavailable, target() + " answered another request than ours");
  }
  Result<Profile> profile = DecodePprof(answer->body);
  if (!profile.ok()) {
    return Status(profile.status().code(), target() + ": " + profile.status().message());
  }
  restarted_ |= !instance_.empty() && instance != instance_;
  instance_ = instance;
  window_ = window;
  return profile;
}

}  // namespace stacksampler::cpuprofile
