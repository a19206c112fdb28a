// SPDX-License-Identifier: MIT
//
// Purpose: what one target has to give, read in one request: an acknowledged window from our own
//   endpoint, or, from the original stacksampler and others like it, the folded text of
//   "/?reset=true".
// Thread safety: one thread at a time per Source.
// Signal safety: none.
// Errors: as http::Get(), and kUnavailable for an answer other than 200, kDataLoss for a body that
//   is no profile.
#ifndef STACKSAMPLER_COLLECTOR_SOURCE_H_
#define STACKSAMPLER_COLLECTOR_SOURCE_H_

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "collector/shared_dictionary.h"
#include "collector/targets.h"
#include "http/client.h"
#include "store/profile_store.h"

namespace stacksampler::collector {

/// By this machine's clock.
int64_t NowNs();

struct Collected {
  /// The window's length is the target's, its place in time the collector's: clocks of two machines
  /// differ.
  void EndAt(int64_t now_ns);

  SharedSamples samples;  // nowhere in time before EndAt()
  int64_t length_ns = 0;
  int64_t asked_ns = 0;     // when, by the collector's clock
  store::WindowRef window;  // "" and 0 from a source without windows
  /// More than kMaxInstances processes answer at the address, and this one had been forgotten: what
  /// was stored of it is in the window once more.
  bool repeats = false;
  uint64_t malformed_lines = 0;  // of a folded answer: counted, not in the samples
  std::string first_malformed;   // "line 17: no count"
};

class Source {
 public:
  /// `reader` names this collector to the targets. `stored` are the last windows of this target
  /// in the store, the latest first. Of `options`, TLS is for targets that speak it. `dictionary`
  /// must outlive it. Asks for sample times in buckets of `bucket`, unless that is 0.
  Source(Target target, std::string reader, const std::vector<store::WindowRef>& stored,
         http::FetchOptions options, SharedDictionary* dictionary,
         std::chrono::milliseconds bucket = {});

  [[nodiscard]] const Target& target() const { return target_; }

  /// Acknowledges the window that was stored last, and reads what has come since. REQUIRES: what
  /// the last one gave is stored, or will never be.
  Result<Collected> Collect();
  /// The window is safe in the store, or given up: the next Collect() acknowledges it.
  void Stored(const store::WindowRef& window);

 private:
  std::string NextRequest();
  Result<Collected> Ask();
  bool CatchUp(const http::Fetched& answer);
  Result<Collected> FromWindow(const http::Fetched& answer) const;
  Result<Collected> FromReset();

  Target target_;
  std::string reader_;
  std::vector<store::WindowRef> stored_;  // the last of each instance, the latest first
  std::deque<std::string> forgotten_;     // instances that had no room in it, the latest last
  // Of the last request. Rises over restarts as well, where the clock does: the target takes no
  // request that comes behind a later one.
  uint64_t turn_ = 0;
  http::FetchOptions options_;
  SharedDictionary* dictionary_;
  std::chrono::milliseconds bucket_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_SOURCE_H_
