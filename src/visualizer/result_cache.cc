// SPDX-License-Identifier: MIT
#include "visualizer/result_cache.h"

#include <new>

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
  order_.splice(order_.begin(), order_, it->second);
  *value = it->second->value;
  return true;
}

void ResultCache::Keep(const Made& made) {
  if (made.key.empty() || made.bytes > max_bytes_ || kept_.count(made.key) != 0) return;
  order_.push_front(made);
  kept_[made.key] = order_.begin();
  bytes_ += made.bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= order_.back().bytes;
    kept_.erase(order_.back().key);
    order_.pop_back();
  }
}

size_t ResultCache::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace stacksampler::visualizer
