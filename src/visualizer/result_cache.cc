// SPDX-License-Identifier: MIT
#include "visualizer/result_cache.h"

#include <exception>
#include <iterator>
#include <new>
#include <string>

namespace stacksampler::visualizer {
namespace {

Result<ResultCache::Value> ValueOf(const Result<ResultCache::Made>& made) {
  if (!made.ok()) return made.status();
  return made->value;
}

// Whoever waits has to hear of an end, even of this one.
Result<ResultCache::Made> MakeOrFail(const ResultCache::Make& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceExhausted, "memory ran out; ask for a shorter range");
  } catch (const std::exception& error) {  // such as a thread that the system refuses
    return Status(StatusCode::kInternal, std::string(error.what()) + "; ask again");
  }
}

}  // namespace

Result<ResultCache::Value> ResultCache::Get(const std::string& key, const Make& make) {
  if (key.empty()) return ValueOf(make());
  std::unique_lock<std::mutex> lock(mutex_);
  Value value;
  while (!Find(key, &value)) {
    const auto it = flights_.find(key);
    if (it == flights_.end()) {
      const auto flight = flights_.emplace(key, std::make_shared<Flight>()).first->second;
      lock.unlock();
      return ValueOf(Land(key, flight, MakeOrFail(make)));
    }
    const std::shared_ptr<Flight> flight = it->second;
    landed_.wait(lock, [&flight] { return flight->landed; });
    // What was made may belong to a store that has gone on, and then is not what was asked for.
    if (!flight->made.ok() || flight->made->key == key) return ValueOf(flight->made);
  }
  return value;
}

Result<ResultCache::Made> ResultCache::Land(const std::string& key,
                                            const std::shared_ptr<Flight>& flight,
                                            Result<Made> made) {
  const std::lock_guard<std::mutex> lock(mutex_);
  flight->made = std::move(made);
  flight->landed = true;
  flights_.erase(key);
  if (flight->made.ok()) Keep(*flight->made);
  landed_.notify_all();
  return flight->made;
}

bool ResultCache::Find(const std::string& key, Value* value) {
  const auto it = kept_.find(key);
  if (it == kept_.end()) return false;
  it->second->is_on_trial = false;
  order_.splice(order_.begin(), order_, it->second);
  *value = it->second->made.value;
  return true;
}

// What takes much room is the first to go until it is asked for again: a live range has another
// name each time, and must not push out what others share.
void ResultCache::Keep(const Made& made) {
  if (made.key.empty() || made.bytes > max_bytes_ || kept_.count(made.key) != 0) return;
  const bool is_on_trial = GoesOnTrial(made);
  kept_[made.key] = order_.insert(PlaceFor(is_on_trial), {made, is_on_trial});
  bytes_ += made.bytes;
  while (bytes_ > max_bytes_) DropLast();
}

// One that had to go before it was asked for again, and now was, has stood its trial.
bool ResultCache::GoesOnTrial(const Made& made) {
  if (made.bytes <= max_bytes_ / 8) return false;
  return std::erase(dropped_on_trial_, made.key) == 0;
}

void ResultCache::DropLast() {
  constexpr size_t kRemembered = 16;
  const Kept& last = order_.back();
  if (last.is_on_trial) dropped_on_trial_.push_back(last.made.key);
  if (dropped_on_trial_.size() > kRemembered) dropped_on_trial_.pop_front();
  bytes_ -= last.made.bytes;
  kept_.erase(last.made.key);
  order_.pop_back();
}

ResultCache::Order::iterator ResultCache::PlaceFor(bool is_on_trial) {
  if (!is_on_trial) return order_.begin();
  auto place = order_.end();
  while (place != order_.begin() && std::prev(place)->is_on_trial) --place;
  return place;
}

size_t ResultCache::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace stacksampler::visualizer
