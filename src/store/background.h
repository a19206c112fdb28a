// SPDX-License-Identifier: MIT
//
// Purpose: what a writer has done behind its back, so that appending never waits for it: closed
//   windows become segments, ended days get their totals, what is too old or too much is removed,
//   superseded journals go.
// Shapes: windows are sealed in the order in which they were closed, so that the newest segment
//   knows what all before it stored.
// Thread safety: used by the writer's thread; all work is done in one of its own.
// Errors: what failed is tried again, after a while or with the next Finish(), and told.
#ifndef STACKSAMPLER_STORE_BACKGROUND_H_
#define STACKSAMPLER_STORE_BACKGROUND_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "stacksampler/status.h"
#include "store/open_window.h"
#include "store/profile_store.h"
#include "store/retention.h"

namespace stacksampler::store {

/// A window that takes no more records, until its segment is durable.
struct ClosedWindow {
  OpenWindow window;
  std::string refs;      // as of its end: WindowRefs::Encode()
  bool durable = false;  // its journal is; for the writer's thread
};

class Background {
 public:
  /// So many closed windows may wait; they are in memory.
  static constexpr size_t kMaxWaiting = 2;

  Background(std::string dir, const WriterOptions& options);
  /// Tries once more what is left to do.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Takes a closed window. Waits while too many are waiting, unless sealing fails.
  void Close(OpenWindow window, std::string refs);
  /// Sealing fails, and as many windows wait as may: the open one should stay open.
  [[nodiscard]] bool Behind();
  /// Makes durable what the closed windows hold.
  Status SyncClosed();
  /// Waits until all that there is to do was tried; why a window is not sealed.
  Status Finish();
  /// The journal of a sealed window: removed after the grace.
  void Supersede(const std::string& journal);
  /// Tells what happened meanwhile, by the options' functions.
  void Tell();

 private:
  using Clock = std::chrono::steady_clock;
  using Lines = std::vector<std::string>;
  struct Superseded {
    std::string journal;
    Clock::time_point since;
  };

  void Run();
  void Stop();
  Status Round();
  Status SealNext();
  void RemoveSuperseded();
  std::shared_ptr<ClosedWindow> Front();
  void Sealed(const std::string& journal);
  void Summarize();
  void Warn(const std::string& line);
  void WarnOnce(const std::string& line);
  [[nodiscard]] Clock::time_point NextRound() const;

  const std::string dir_;
  const WriterOptions options_;
  // ---- The background's own.
  std::set<std::string> warned_;
  Removed removed_;  // since the start

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<ClosedWindow>> waiting_;
  std::deque<Superseded> superseded_;  // in the order of since
  Lines warnings_;
  Lines removals_;
  Status status_;        // of the last round
  int failures_ = 0;     // rounds in a row that could not seal
  uint64_t wanted_ = 0;  // rounds asked for
  uint64_t done_ = 0;    // rounds that began after they were asked for, and ended
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_BACKGROUND_H_
