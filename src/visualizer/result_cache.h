// SPDX-License-Identifier: MIT
//
// Purpose: what was worked out once, shared by all who ask for the same: bounded in bytes, and one
//   thread at a time works on one thing while the others that want it wait.
// Invariant: a value is only ever answered under the key that its maker says it belongs to.
// Thread safety: all members from any thread. Makers run outside the lock, and may Get() under
//   other keys.
// Signal safety: none.
// Errors: a maker's, for all that waited for it; they are not kept.
#ifndef STACKSAMPLER_VISUALIZER_RESULT_CACHE_H_
#define STACKSAMPLER_VISUALIZER_RESULT_CACHE_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "stacksampler/status.h"

namespace stacksampler::visualizer {

class ResultCache {
 public:
  using Value = std::shared_ptr<const void>;
  struct Made {
    std::string key;  // the store may have gone on since the question; "" for not to be shared
    Value value;
    size_t bytes = 0;
  };
  using Make = std::function<Result<Made>()>;

  /// A value of more bytes is made anew for each who asks, but for those who wait already.
  explicit ResultCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// `key` "" shares nothing.
  Result<Value> Get(const std::string& key, const Make& make);
  [[nodiscard]] size_t bytes() const;

 private:
  struct Flight {
    bool landed = false;
    // Until it is made, and when not even this much was left to say why it is not.
    Result<Made> made = Status(StatusCode::kResourceExhausted, "no memory left");
  };
  struct Kept {
    Made made;
    bool is_on_trial = false;  // large, and not asked for again yet
  };
  class Landing;
  using Order = std::list<Kept>;  // the latest used first; those on trial behind all others

  bool Find(const std::string& key, Value* value);
  void KeepIfMemoryLasts(const Made& made);
  void Keep(const Made& made);
  bool GoesOnTrial(const Made& made);
  Order::iterator PlaceFor(bool is_on_trial);
  void DropLast();
  void Land(const std::string& key, Flight* flight);

  const size_t max_bytes_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable landed_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
  Order order_;
  Order dropped_on_trial_;  // the latest of them without their values, the oldest first
  std::map<std::string, Order::iterator> kept_;
  size_t bytes_ = 0;
};

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_RESULT_CACHE_H_
