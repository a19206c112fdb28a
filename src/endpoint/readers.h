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
// Errors: kInvalidArgument for a name that does not fit, kResourceExhausted past kMaxReaders and
//   kMaxTimelineReaders, kAlreadyExists for a turn that is not above the reader's last.
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
/// Of these, those whose windows are large: with each sample's moment (a recording), and with
/// sample times. More recordings are refused, more collectors get windows without times.
inline constexpr size_t kMaxTimelineReaders = 2;
inline constexpr size_t kMaxTimedReaders = 4;
inline constexpr size_t kMaxReaderNameBytes = 64;
/// A cursor that nobody read for so long is given up, which is counted. Longer than any collector's
/// interval; a recording reads every few seconds, and its cursor is large.
inline constexpr std::chrono::hours kReaderExpiry{24 * 8};
inline constexpr std::chrono::minutes kTimelineReaderExpiry{2};
/// One that never acknowledged a window may be anybody's: where room is needed, it goes after this.
/// A collector acknowledges with its second request, ten minutes after the first by default.
inline constexpr std::chrono::minutes kUnprovenReaderExpiry{30};

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

/// Since the start.
struct ReaderLosses {
  uint64_t expired = 0;  // cursors given up
  uint64_t refused = 0;  // requests of readers for which there was no room
  uint64_t untimed = 0;  // requests for sample times past kMaxTimedReaders, answered without
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
  [[nodiscard]] ReaderLosses losses() const;

 private:
  struct Cursor {
    ReaderId id = 0;
    Clock::time_point last_read;
    bool timeline = false;
    bool keeps_times = false;
    bool has_acknowledged = false;
    uint64_t last_turn = 0;
  };
  using Cursors = std::map<std::string, Cursor>;

  Result<Cursor*> FindOrOpen(const WindowRequest& request);
  Status MakeRoomFor(const WindowRequest& request);
  Cursor* Open(const WindowRequest& request);
  void KeepTimes(const WindowRequest& request, Cursor* cursor);
  [[nodiscard]] size_t Count(bool Cursor::*property) const;
  void ExpireIdle();
  bool ExpireUnproven();
  Cursors::iterator Expire(Cursors::iterator cursor);

  std::shared_ptr<Sampler> sampler_;
  std::function<Clock::time_point()> now_;
  mutable std::mutex mutex_;
  Cursors cursors_;
  ReaderLosses losses_;
};

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_READERS_H_
