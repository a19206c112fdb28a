// SPDX-License-Identifier: MIT
#include "store/kept_listing.h"

#include <sys/stat.h>

#include <algorithm>

namespace stacksampler::store {
namespace {

// By their numbers, which are never used again.
bool HasAll(const Listing& now, const Listing& before) {
  const auto segment_first = [](const Stem& a, const Stem& b) { return a.number < b.number; };
  const auto day_first = [](const DayStem& a, const DayStem& b) { return a.first < b.first; };
  return std::includes(now.segments.begin(), now.segments.end(), before.segments.begin(),
                       before.segments.end(), segment_first) &&
         std::includes(now.days.begin(), now.days.end(), before.days.begin(), before.days.end(),
                       day_first);
}

}  // namespace

std::optional<KeptListing::Stamp> KeptListing::StampOf(const std::string& dir) {
  struct stat info = {};
  if (stat(dir.c_str(), &info) != 0) return std::nullopt;  // listing it tells why
  return Stamp{static_cast<int64_t>(info.st_dev),
               static_cast<int64_t>(info.st_ino),
               info.st_mtim.tv_sec,
               info.st_mtim.tv_nsec,
               info.st_ctim.tv_sec,
               info.st_ctim.tv_nsec};
}

// What counts is the time from after the first look at the stamp until before the last one: between
// a look and the clock's answer any time may pass.
Result<Listed> KeptListing::Refresh() {
  const Clock::time_point now = now_();
  const std::optional<Stamp> stamp = StampOf(dir_);
  const bool is_same = stamp.has_value() && stamp == stamp_;
  if (is_same && is_kept_ && now - listed_ < kLongest) return Listed::kNot;
  if (!is_same) since_ = now_();
  stamp_ = stamp;
  is_kept_ = false;
  Result<Listing> listing = ListStore(dir_);
  if (!listing.ok()) return listing.status();
  const bool is_all_there = HasAll(*listing, listing_);
  listing_ = *std::move(listing);
  listed_ = now;
  is_kept_ = is_same && now - since_ >= kSettles;
  return is_all_there ? Listed::kAllThere : Listed::kSomeGone;
}

}  // namespace stacksampler::store
