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

#include <optional>
#include <string>
#include <vector>

#include "collector/targets.h"
#include "http/client.h"
#include "store/profile_store.h"

namespace stacksampler::collector {

struct Collected {
  Profile profile;               // start_ns and end_ns by the collector's clock
  store::WindowRef window;       // "" and 0 from a source without windows
  uint64_t malformed_lines = 0;  // of a folded answer: counted, not in the profile
  std::string first_malformed;   // "line 17: no count"
};

class Source {
 public:
  /// `reader` names this collector to the targets. `stored` is the last window of this target in
  /// the store. Of `options`, TLS is for targets that speak it.
  Source(Target target, std::string reader, std::optional<store::WindowRef> stored,
         http::FetchOptions options);

  [[nodiscard]] const Target& target() const { return target_; }

  /// Acknowledges the window that was stored last, and reads what has come since. REQUIRES: what
  /// the last one gave is stored, or will never be.
  Result<Collected> Collect();
  /// The window is safe in the store: the next Collect() acknowledges it.
  void Stored(const store::WindowRef& window);

 private:
  std::string NextRequest();
  bool CatchUp(const http::Fetched& answer);
  Result<Collected> FromWindow(const http::Fetched& answer, int64_t now_ns) const;
  Result<Collected> FromReset();

  Target target_;
  std::string reader_;
  std::vector<store::WindowRef> stored_;  // the last of each instance, the latest first
  // Of the last request. Rises over restarts as well, where the clock does: the target takes no
  // request that comes behind a later one.
  uint64_t turn_ = 0;
  http::FetchOptions options_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_SOURCE_H_
