// SPDX-License-Identifier: MIT
//
// Purpose: who has seen which weight. Each reader holds what it was offered and not acknowledged,
//   and what came after; a window is both together.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
// Errors: std::bad_alloc, and then nothing was added or offered.
//
// Invariants: 1. Offer() moves fresh into offered and hands out offered; Acknowledge() empties
//   offered. Thus
//      each weight is in some window until one that holds it was acknowledged, and in none after.
// 2. Weights are indexed by CounterId; a vector may be shorter than the counters known by now. 3. A
//   weight may be taken back (Add of a negative one) as long as the sum of all is not negative.
//      What a reader has acknowledged before is then a debt: offered goes negative, a window shows
//      0, and Acknowledge() keeps the debt.
#ifndef STACKSAMPLER_SAMPLER_READERS_H_
#define STACKSAMPLER_SAMPLER_READERS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "stacksampler/sampler.h"

namespace stacksampler::sampling {

/// A (thread name, stack) pair, dense.
using CounterId = uint32_t;

struct Moment {
  int64_t unix_ns = 0;
  CounterId counter = 0;
  uint32_t weight = 0;
};

struct OfferedWindow {
  uint64_t id = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::vector<int64_t> weights;  // by CounterId; includes the moments' weights
  std::vector<Moment> moments;   // in order of time
};

class Readers {
 public:
  Readers(size_t max_moments, int64_t start_ns) : max_moments_(max_moments), start_ns_(start_ns) {}

  ReaderId Open(const ReaderOptions& options, int64_t now_ns);
  void Close(ReaderId id) { readers_.erase(id); }
  /// See Sampler::KeepTimes().
  bool KeepTimes(ReaderId id, int64_t bucket_ns);
  [[nodiscard]] bool IsOpen(ReaderId id) const { return readers_.count(id) != 0; }

  /// `tid` 0 = of no known thread.
  void Add(pid_t tid, CounterId counter, int64_t weight);
  /// The same, with the moment at which it was delivered. Moments come in order of time. Returns
  /// how many readers that keep moments had no room for it.
  uint64_t AddMoment(pid_t tid, const Moment& moment);

  [[nodiscard]] size_t bytes() const;

  /// REQUIRES: IsOpen(id).
  OfferedWindow Offer(ReaderId id, int64_t now_ns);
  bool Acknowledge(ReaderId id, uint64_t window_id);

 private:
  struct Reader {
    ReaderOptions options;
    uint64_t last_window = 0;    // id of the last one offered
    bool offer_open = false;     // last_window was not acknowledged yet
    int64_t start_ns = 0;        // of the next window
    int64_t offered_end_ns = 0;  // of the last one
    std::vector<int64_t> offered;
    std::vector<int64_t> fresh;
    std::vector<Moment> moments;
    size_t offered_moments = 0;  // the first ones of `moments`
    int64_t bucket_ns = 0;       // moments are kept to within this; 0: as they are, or not at all
    /// By counter: where in `moments` it was put last. May be out of date: whoever follows it
    /// looks.
    std::vector<uint32_t> last_places;

    [[nodiscard]] bool KeepsMoments() const { return options.timeline || bucket_ns != 0; }
    bool Keep(const Moment& moment, size_t max_moments);
    bool AddToBucket(const Moment& moment);
  };

  static bool Sees(const Reader& reader, pid_t tid) {
    return reader.options.only_thread == 0 || reader.options.only_thread == tid;
  }

  bool KeepIfRoom(Reader* reader, const Moment& moment) const;

  size_t max_moments_;
  int64_t start_ns_;
  ReaderId last_id_ = 0;
  // Of all readers: a cursor that is opened anew must never offer an id that its reader has stored.
  uint64_t last_window_ = 0;
  std::map<ReaderId, Reader> readers_;
  std::vector<int64_t> since_start_;  // what a reader with from_start begins with
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_READERS_H_
