// SPDX-License-Identifier: MIT
#include "base/time_zone.h"

#include <algorithm>

namespace stacksampler {
namespace {

bool IsOfTheClock(TimeUnit unit) { return MonthsIn(unit) == 0 && NanosecondsIn(unit) < kDayNs; }

std::optional<int64_t> Sum(int64_t ns, int64_t amount_ns) {
  if (!AddNanoseconds(amount_ns, &ns)) return {};
  return ns;
}

}  // namespace

std::optional<int64_t> TimeZone::ToLocal(int64_t ns) const { return Sum(ns, EastNs(ns)); }

std::optional<int64_t> TimeZone::FromLocal(int64_t local_ns, TimeEdge edge) const {
  if (is_utc()) return local_ns;
  const auto early = Sum(local_ns, -kDayNs);
  const auto late = Sum(local_ns, kDayNs);
  const int64_t old_east = EastNs(early.value_or(local_ns));
  const int64_t new_east = EastNs(late.value_or(local_ns));
  const auto by_old = Sum(local_ns, -old_east);
  const auto by_new = Sum(local_ns, -new_east);
  if (!by_old || !by_new) return {};
  const bool is_old = EastNs(*by_old) == old_east;
  const bool is_new = EastNs(*by_new) == new_east;
  if (is_old && is_new) return edge == TimeEdge::kFrom ? *by_old : *by_new;
  if (is_old || is_new) return is_old ? *by_old : *by_new;
  return JumpBetween(*by_new, *by_old);
}

// Clocks go forward somewhere in (before_ns, after_ns], on a whole second.
int64_t TimeZone::JumpBetween(int64_t before_ns, int64_t after_ns) const {
  const int64_t east = EastNs(after_ns);
  int64_t before = before_ns / kSecondNs - (before_ns % kSecondNs < 0 ? 1 : 0);
  int64_t after = after_ns / kSecondNs - (after_ns % kSecondNs < 0 ? 1 : 0);
  while (after - before > 1) {
    const int64_t middle = before + (after - before) / 2;
    (EastNs(middle * kSecondNs) == east ? after : before) = middle;
  }
  return after * kSecondNs;
}

std::optional<int64_t> TimeZone::LastUpTo(int64_t local_ns) const {
  const auto ns = FromLocal(local_ns, TimeEdge::kUntil);
  const bool is_past = ns && ToLocal(*ns).value_or(local_ns) > local_ns;
  return is_past ? Sum(*ns, -1) : ns;
}

std::optional<int64_t> TimeZone::FloorTo(TimeUnit unit, int64_t ns) const {
  const auto local = ToLocal(ns);
  const auto floor = local ? stacksampler::FloorTo(unit, *local) : local;
  if (!floor) return {};
  return IsOfTheClock(unit) ? Sum(*floor, -EastNs(ns)) : FromLocal(*floor, TimeEdge::kFrom);
}

std::optional<int64_t> TimeZone::LastOf(TimeUnit unit, int64_t ns) const {
  const auto local = ToLocal(ns);
  const auto last = local ? stacksampler::LastOf(unit, *local) : local;
  if (!last) return {};
  return IsOfTheClock(unit) ? Sum(*last, -EastNs(ns)) : LastUpTo(*last);
}

bool TimeZone::AddDays(int64_t days_ns, TimeEdge edge, int64_t* ns) const {
  auto local = ToLocal(*ns);
  return local && AddNanoseconds(days_ns, &*local) && MoveTo(*local, edge, ns);
}

bool TimeZone::AddMonths(int64_t months, TimeEdge edge, int64_t* ns) const {
  auto local = ToLocal(*ns);
  return local && stacksampler::AddMonths(months, &*local) && MoveTo(*local, edge, ns);
}

// Of two such moments the one of the same summer or winter time, if there is one.
bool TimeZone::MoveTo(int64_t local_ns, TimeEdge edge, int64_t* ns) const {
  const int64_t east = EastNs(*ns);
  auto moved = Sum(local_ns, -east);
  if (moved && EastNs(*moved) != east) moved = FromLocal(local_ns, edge);
  if (moved) *ns = *moved;
  return moved.has_value();
}

}  // namespace stacksampler
