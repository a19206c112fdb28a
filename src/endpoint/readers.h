// SPDX-License-Identifier: MIT
//
// Purpose: the collectors that read windows from this process, by name: each has a cursor of its
//   own in the sampler. A restarted collector comes back under its name, acknowledges the last
//   window that it stored, and goes on.
// Invariant: of a reader that counts its turns, the last window offered is the answer to the latest
//   turn that came. It stores no answer but that to its own latest turn, so that what it then
//   acknowledges is the last window offered: a request that was delayed or came twice moves
//   nothing.
// Thread safety: all members from any thread.
// Signal safety: not async-signal-safe.
// Errors: kInvalidArgument for a name that does not fit, kResourceExhausted past kMaxReaders,
//   kAlreadyExists for a turn that is not above the reader's last.
#ifndef STACKSAMPLER_ENDPOINT_READERS_H_
#define STACKSAMPLER_ENDPOINT_READERS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::endpoint {

inline constexpr size_t kMaxReaders = 16;
inline constexpr size_t kMaxReaderNameBytes = 64;
/// A cursor that nobody read for so long is given up, which is counted. Longer than any collector's
/// interval; a recording reads every few seconds, and its cursor is large.
inline constexpr std::chrono::hours kReaderExpiry{24 * 8};
inline constexpr std::chrono::minutes kTimelineReaderExpiry{2};

struct WindowRequest {
  std::string reader;  // [A-Za-z0-9._-]{1,64}
  /// Id of the last window of this instance that the reader has stored, 0 when there is none.
  uint64_t acknowledged = 0;
  /// The reader's own count of its requests, rising; 0 from a reader that does not count.
  uint64_t turn = 0;
  bool timeline = false;
  /// Keep sample times to within so much from now on; 0: keep none.
  std::chrono::milliseconds sample_times{0};
  bool close = false;  // this is the reader's last request
};

class Readers {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Readers(std::shared_ptr<Sampler> sampler,
                   std::function<Clock::time_point()> now = Clock::now)
      : sampler_(std::move(sampler)), now_(std::move(now)) {}

  /// Acknowledges what the request says is stored, and offers everything since. A reader that is
  /// not known yet gets all samples from the start, unless it acknowledges a window of this
  /// instance: then its cursor has expired, what it had not read is lost to it, and it starts from
  /// now, so that nothing is counted twice.
  Result<Window> Read(const WindowRequest& request);
  /// The latest that this reader has taken, 0 when it is not known.
  [[nodiscard]] uint64_t LastTurn(const std::string& reader) const;
  /// Cursors given up since the start.
  [[nodiscard]] uint64_t expired() const;

 private:
  struct Cursor {
    ReaderId id = 0;
    Clock::time_point last_read;
    bool timeline = false;
    uint64_t last_turn = 0;
  };

  Result<Cursor*> FindOrOpen(const WindowRequest& request);
  void ExpireIdle(Clock::time_point now);

  std::shared_ptr<Sampler> sampler_;
  std::function<Clock::time_point()> now_;
  mutable std::mutex mutex_;
  std::map<std::string, Cursor> cursors_;
  uint64_t expired_ = 0;
};

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_READERS_H_
