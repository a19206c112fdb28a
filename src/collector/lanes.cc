// SPDX-License-Identifier: MIT
#include "collector/lanes.h"

#include <algorithm>
#include <utility>

namespace stacksampler::collector {
namespace {

std::vector<Lanes::Turn> RoomFor(size_t turns) {
  std::vector<Lanes::Turn> room;
  room.reserve(turns);
  return room;
}

}  // namespace

Lanes::Lanes(size_t targets, size_t polls, size_t unproven_polls) : records_(targets) {
  proven_.due = decltype(proven_.due)({}, RoomFor(targets));
  unproven_.due = decltype(unproven_.due)({}, RoomFor(targets));
  proven_.most_polls = polls;
  unproven_.most_polls = unproven_polls;
}

void Lanes::Add(size_t target, Time when) {
  (IsProven(target) ? proven_ : unproven_).due.push({when, target});
}

std::optional<Lanes::Turn> Lanes::Next() const {
  if (!unproven_.MayPoll() && !proven_.MayPoll()) return std::nullopt;
  if (!unproven_.MayPoll()) return proven_.due.top();
  if (!proven_.MayPoll()) return unproven_.due.top();
  // Of one moment the proven one, who will not be long.
  return unproven_.due.top().when < proven_.due.top().when ? unproven_.due.top()
                                                           : proven_.due.top();
}

void Lanes::Begin(const Turn& turn) {
  Record& record = records_[turn.target];
  record.is_polled_as_proven = IsProven(turn.target);
  Lane& lane = record.is_polled_as_proven ? proven_ : unproven_;
  lane.due.pop();
  ++lane.polls;
}

void Lanes::End(size_t target, bool was_slow) {
  Record& record = records_[target];
  --(record.is_polled_as_proven ? proven_ : unproven_).polls;
  if (!was_slow) {
    record.quick_in_turn = std::min(record.quick_in_turn + 1, record.proof);
  } else {
    if (record.is_polled_as_proven) record.proof = std::min(2 * record.proof, kMaxProof);
    record.quick_in_turn = 0;
  }
}

}  // namespace stacksampler::collector
