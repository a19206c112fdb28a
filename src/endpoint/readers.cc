// SPDX-License-Identifier: MIT
#include "endpoint/readers.h"

#include <algorithm>
#include <cctype>
#include <iterator>

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
  if (sampler_->Acknowledge((*cursor)->id, request.acknowledged)) {
    (*cursor)->has_acknowledged = true;
  }
  KeepTimes(request, *cursor);
  auto window = sampler_->Read((*cursor)->id);
  if (request.close) {
    sampler_->CloseReader((*cursor)->id);
    cursors_.erase(request.reader);
  }
  return window;
}

Result<Readers::Cursor*> Readers::FindOrOpen(const WindowRequest& request) {
  ExpireIdle();
  const auto found = cursors_.find(request.reader);
  if (found != cursors_.end()) return &found->second;
  if (Status status = MakeRoomFor(request); !status.ok()) {
    ++losses_.refused;
    return status;
  }
  return Open(request);
}

Status Readers::MakeRoomFor(const WindowRequest& request) {
  if (request.timeline && Count(&Cursor::timeline) >= kMaxTimelineReaders) {
    return {StatusCode::kResourceExhausted,
            "more than " + std::to_string(kMaxTimelineReaders) +
                " recordings at once; one that has ended makes room within two minutes"};
  }
  if (cursors_.size() < kMaxReaders || ExpireUnproven()) return Status::Ok();
  return {StatusCode::kResourceExhausted,
          "more than " + std::to_string(kMaxReaders) +
              " readers; read under a name that is known already, or once one of them that has "
              "acknowledged nothing was silent for half an hour"};
}

Readers::Cursor* Readers::Open(const WindowRequest& request) {
  const bool cursor_expired = request.acknowledged != 0;
  ReaderOptions options;
  options.timeline = request.timeline;
  options.from_start = !cursor_expired && !request.timeline;
  // Its place comes first: a reader of the sampler that nobody knew would grow for ever.
  const auto placed = cursors_.try_emplace(request.reader).first;
  try {
    placed->second.id = sampler_->OpenReader(options);
  } catch (...) {
    cursors_.erase(placed);
    throw;
  }
  placed->second.last_read = now_();
  placed->second.timeline = request.timeline;
  return &placed->second;
}

void Readers::KeepTimes(const WindowRequest& request, Cursor* cursor) {
  if (cursor->timeline) return;  // it has all moments
  const bool is_asked = request.sample_times.count() != 0;
  const bool has_room = cursor->keeps_times || Count(&Cursor::keeps_times) < kMaxTimedReaders;
  if (is_asked && !has_room) ++losses_.untimed;
  if (!is_asked || has_room) {
    cursor->keeps_times = sampler_->KeepTimes(cursor->id, request.sample_times) && is_asked;
  }
}

size_t Readers::Count(bool Cursor::*property) const {
  return static_cast<size_t>(std::count_if(
      cursors_.begin(), cursors_.end(), [=](const auto& entry) { return entry.second.*property; }));
}

void Readers::ExpireIdle() {
  const Clock::time_point now = now_();
  for (auto it = cursors_.begin(); it != cursors_.end();) {
    const Clock::duration expiry =
        it->second.timeline ? Clock::duration(kTimelineReaderExpiry) : kReaderExpiry;
    it = now - it->second.last_read < expiry ? std::next(it) : Expire(it);
  }
}

bool Readers::ExpireUnproven() {
  auto idlest = cursors_.end();
  for (auto it = cursors_.begin(); it != cursors_.end(); ++it) {
    if (it->second.has_acknowledged) continue;
    if (idlest == cursors_.end() || it->second.last_read < idlest->second.last_read) idlest = it;
  }
  if (idlest == cursors_.end() || now_() - idlest->second.last_read < kUnprovenReaderExpiry) {
    return false;
  }
  Expire(idlest);
  return true;
}

Readers::Cursors::iterator Readers::Expire(Cursors::iterator cursor) {
  ++losses_.expired;
  sampler_->CloseReader(cursor->second.id);
  return cursors_.erase(cursor);
}

uint64_t Readers::LastTurn(const std::string& reader) const {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(reader);
  return found != cursors_.end() ? found->second.last_turn : 0;
}

ReaderLosses Readers::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

}  // namespace stacksampler::endpoint
