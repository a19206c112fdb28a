// SPDX-License-Identifier: MIT
#include "endpoint/readers.h"

#include <algorithm>
#include <cctype>

namespace stacksampler::endpoint {
namespace {

bool IsReaderName(const std::string& name) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxReaderNameBytes &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

Result<Window> Readers::Read(const WindowRequest& request) {
  if (!IsReaderName(request.reader)) {
    return Status(StatusCode::kInvalidArgument,
                  "reader: pass a name of up to 64 letters, digits, '.', '_' or '-', for example "
                  "?reader=collector-1");
  }
  const std::lock_guard lock(mutex_);
  auto cursor = FindOrOpen(request);
  if (!cursor.ok()) return cursor.status();
  if (request.turn != 0 && request.turn <= (*cursor)->last_turn) {
    return Status(StatusCode::kAlreadyExists,
                  "turn: a later request of this reader was answered; pass one above " +
                      std::to_string((*cursor)->last_turn));
  }
  (*cursor)->last_turn = std::max((*cursor)->last_turn, request.turn);
  (*cursor)->last_read = now_();
  // A repeated or late acknowledgement has no effect: only the last window read can be
  // acknowledged.
  sampler_->Acknowledge((*cursor)->id, request.acknowledged);
  (void)sampler_->KeepTimes((*cursor)->id, request.sample_times);  // a timeline has all moments
  auto window = sampler_->Read((*cursor)->id);
  if (request.close) {
    sampler_->CloseReader((*cursor)->id);
    cursors_.erase(request.reader);
  }
  return window;
}

Result<Readers::Cursor*> Readers::FindOrOpen(const WindowRequest& request) {
  ExpireIdle(now_());
  const auto found = cursors_.find(request.reader);
  if (found != cursors_.end()) return &found->second;
  if (cursors_.size() >= kMaxReaders) {
    return Status(StatusCode::kResourceExhausted,
                  "more than " + std::to_string(kMaxReaders) +
                      " readers; read under a name that is known already");
  }
  const bool cursor_expired = request.acknowledged != 0;
  ReaderOptions options;
  options.timeline = request.timeline;
  options.from_start = !cursor_expired && !request.timeline;
  // Its place comes first: a reader of the sampler that nobody knew would grow for ever.
  const auto placed = cursors_.try_emplace(request.reader).first;
  try {
    placed->second = Cursor{sampler_->OpenReader(options), now_(), request.timeline};
  } catch (...) {
    cursors_.erase(placed);
    throw;
  }
  return &placed->second;
}

void Readers::ExpireIdle(Clock::time_point now) {
  for (auto it = cursors_.begin(); it != cursors_.end();) {
    const Clock::duration expiry =
        it->second.timeline ? Clock::duration(kTimelineReaderExpiry) : kReaderExpiry;
    if (now - it->second.last_read < expiry) {
      ++it;
      continue;
    }
    ++expired_;
    sampler_->CloseReader(it->second.id);
    it = cursors_.erase(it);
  }
}

uint64_t Readers::LastTurn(const std::string& reader) const {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(reader);
  return found != cursors_.end() ? found->second.last_turn : 0;
}

uint64_t Readers::expired() const {
  const std::lock_guard lock(mutex_);
  return expired_;
}

}  // namespace stacksampler::endpoint
