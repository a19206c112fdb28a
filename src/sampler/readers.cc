// SPDX-License-Identifier: MIT
#include "sampler/readers.h"

#include <algorithm>
#include <new>
#include <utility>

namespace stacksampler::sampling {
namespace {

constexpr size_t kLastPlaces = 256;
constexpr int64_t kMinBucketNs = 1'000'000;
constexpr int64_t kMaxBucketNs = 1'000'000'000;

// All that can throw comes before anything is added: a weight is in every place or in none.
void Reach(std::vector<int64_t>* weights, size_t size) {
  if (weights->size() < size) weights->resize(size);
}

}  // namespace

ReaderId Readers::Open(const ReaderOptions& options, int64_t now_ns) {
  Reader reader;
  reader.options = options;
  reader.start_ns = options.from_start ? start_ns_ : now_ns;
  if (options.from_start && options.only_thread == 0) reader.fresh = since_start_;
  readers_.emplace(++last_id_, std::move(reader));
  return last_id_;
}

void Readers::Add(pid_t tid, CounterId counter, int64_t weight) {
  Reach(&since_start_, counter + size_t{1});
  for (auto& [id, reader] : readers_) {
    if (Sees(reader, tid)) Reach(&reader.fresh, counter + size_t{1});
  }
  since_start_[counter] += weight;
  for (auto& [id, reader] : readers_) {
    if (Sees(reader, tid)) reader.fresh[counter] += weight;
  }
}

uint64_t Readers::AddMoment(pid_t tid, const Moment& moment) {
  Add(tid, moment.counter, moment.weight);
  uint64_t lost = 0;
  for (auto& [id, reader] : readers_) {
    if (!reader.KeepsMoments() || !Sees(reader, tid)) continue;
    if (!KeepIfRoom(&reader, moment)) ++lost;
  }
  return lost;
}

// Its weight is counted by now: without memory only its time is lost.
bool Readers::KeepIfRoom(Reader* reader, const Moment& moment) const {
  try {
    return reader->Keep(moment, max_moments_);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

bool Readers::Reader::Keep(const Moment& moment, size_t max_moments) {
  if (bucket_ns != 0) {
    Moment begin = moment;
    begin.unix_ns -= moment.unix_ns % bucket_ns;
    return AddToBucket(begin);
  }
  if (moments.size() >= max_moments) return false;
  moments.push_back(moment);
  return true;
}

// One that was offered takes no more: it goes when it is acknowledged.
bool Readers::Reader::AddToBucket(const Moment& moment) {
  uint32_t& place = last_places[moment.counter % kLastPlaces];
  if (place >= offered_moments && place < moments.size()) {
    Moment& last = moments[place];
    uint32_t sum = 0;
    if (last.counter == moment.counter && last.unix_ns == moment.unix_ns &&
        !__builtin_add_overflow(last.weight, moment.weight, &sum)) {
      last.weight = sum;
      return true;
    }
  }
  if (moments.size() >= kMaxSampleTimes) return false;
  moments.push_back(moment);
  place = static_cast<uint32_t>(moments.size() - 1);
  return true;
}

bool Readers::KeepTimes(ReaderId id, int64_t bucket_ns) {
  const auto it = readers_.find(id);
  const bool is_bucket = bucket_ns >= kMinBucketNs && bucket_ns <= kMaxBucketNs;
  if (it == readers_.end() || it->second.options.timeline) return false;
  if (bucket_ns != 0 && !is_bucket) return false;
  Reader& reader = it->second;
  if (reader.bucket_ns == bucket_ns) return true;
  std::vector<uint32_t> places(bucket_ns != 0 ? kLastPlaces : 0);  // throws before anything changes
  reader.bucket_ns = bucket_ns;
  reader.moments = {};
  reader.offered_moments = 0;
  reader.last_places = std::move(places);
  return true;
}

size_t Readers::bytes() const {
  size_t bytes = since_start_.capacity() * sizeof(int64_t);
  for (const auto& [id, reader] : readers_) {
    bytes += (reader.offered.capacity() + reader.fresh.capacity()) * sizeof(int64_t) +
             reader.moments.capacity() * sizeof(Moment) +
             reader.last_places.capacity() * sizeof(uint32_t);
  }
  return bytes;
}

OfferedWindow Readers::Offer(ReaderId id, int64_t now_ns) {
  Reader& reader = readers_.at(id);
  Reach(&reader.offered, reader.fresh.size());
  for (CounterId counter = 0; counter < reader.fresh.size(); ++counter) {
    reader.offered[counter] += reader.fresh[counter];
  }
  reader.fresh.clear();
  reader.offered_moments = reader.moments.size();
  reader.offered_end_ns = std::max(now_ns, reader.start_ns);
  reader.offer_open = true;
  reader.last_window = ++last_window_;
  OfferedWindow window{reader.last_window, reader.start_ns, reader.offered_end_ns, reader.offered,
                       reader.moments};
  for (int64_t& weight : window.weights) weight = std::max<int64_t>(weight, 0);
  return window;
}

bool Readers::Acknowledge(ReaderId id, uint64_t window_id) {
  const auto it = readers_.find(id);
  if (it == readers_.end()) return false;
  Reader& reader = it->second;
  if (!reader.offer_open || window_id != reader.last_window) return false;
  reader.offer_open = false;
  for (int64_t& weight : reader.offered) weight = std::min<int64_t>(weight, 0);
  const auto first = reader.moments.begin();
  reader.moments.erase(first, first + static_cast<std::ptrdiff_t>(reader.offered_moments));
  reader.offered_moments = 0;
  reader.start_ns = reader.offered_end_ns;
  return true;
}

}  // namespace stacksampler::sampling
