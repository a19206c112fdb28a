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

// Whoever waits has to hear of an end, whatever was thrown.
class ResultCache::Landing {
 public:
  Landing(ResultCache* cache, const std::string& key, std::shared_ptr<Flight> flight)
      : cache_(*cache), key_(key), flight_(std::move(flight)) {}
  ~Landing() { cache_.Land(key_, flight_.get()); }
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;

 private:
  ResultCache& cache_;
  const std::string& key_;
  const std::shared_ptr<Flight> flight_;
};

Result<ResultCache::Value> ResultCache::Get(const std::string& key, const Make& make) {
  if (key.empty()) return ValueOf(make());
  std::unique_lock<std::mutex> lock(mutex_);
  Value value;
  while (!Find(key, &value)) {
    const auto it = flights_.find(key);
    if (it == flights_.end()) {
      const auto flight = flights_.emplace(key, std::make_shared<Flight>()).first->second;
      lock.unlock();
      {
        const Landing landing(this, key, flight);
        flight->made = MakeOrFail(make);
      }
      return ValueOf(flight->made);
    }
    const std::shared_ptr<Flight> flight = it->second;
    landed_.wait(lock, [&flight] { return flight->landed; });
    // What was made may belong to a store that has gone on, and then is not what was asked for.
    if (!flight->made.ok() || flight->made->key == key) return ValueOf(flight->made);
  }
  return value;
}

void ResultCache::Land(const std::string& key, Flight* flight) {
  const std::lock_guard<std::mutex> lock(mutex_);
  flight->landed = true;
  flights_.erase(key);
  landed_.notify_all();
  if (flight->made.ok()) KeepIfMemoryLasts(*flight->made);
}

// What is not kept is made anew: no reason to fail who has it already.
void ResultCache::KeepIfMemoryLasts(const Made& made) {
  try {
    Keep(made);
  } catch (const std::bad_alloc&) {
  }
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
  // All that needs memory comes before what both tables and the bytes agree on.
  Order made_alone;
  made_alone.push_back({made, false});
  kept_.emplace(made.key, made_alone.begin());
  made_alone.front().is_on_trial = GoesOnTrial(made);
  order_.splice(PlaceFor(made_alone.front().is_on_trial), made_alone);
  bytes_ += made.bytes;
  while (bytes_ > max_bytes_) DropLast();
}

// One that had to go before it was asked for again, and now was, has stood its trial.
bool ResultCache::GoesOnTrial(const Made& made) {
  if (made.bytes <= max_bytes_ / 8) return false;
  const auto is_it = [&](const Kept& dropped) { return dropped.made.key == made.key; };
  return std::erase_if(dropped_on_trial_, is_it) == 0;
}

// Needs no memory: what is too much goes also when there is none.
void ResultCache::DropLast() {
  constexpr size_t kRemembered = 16;
  const auto last = std::prev(order_.end());
  bytes_ -= last->made.bytes;
  kept_.erase(last->made.key);
  if (!last->is_on_trial) return order_.pop_back();
  last->made.value.reset();
  dropped_on_trial_.splice(dropped_on_trial_.end(), order_, last);
  if (dropped_on_trial_.size() > kRemembered) dropped_on_trial_.pop_front();
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
