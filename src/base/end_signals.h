// SPDX-License-Identifier: MIT
//
// Purpose: SIGINT and SIGTERM as a call in an ordinary thread: the first asks a program to end, the
//   second ends it.
// Thread safety: call Block() in main() before any thread is started, so that all threads inherit
//   the blocked mask.
// Signal safety: none needed: the signals are waited for, never handled.
#ifndef STACKSAMPLER_BASE_END_SIGNALS_H_
#define STACKSAMPLER_BASE_END_SIGNALS_H_

#include <atomic>
#include <functional>
#include <thread>

namespace stacksampler {

class EndSignals {
 public:
  /// Holds both signals back until an EndSignals waits for them.
  static void Block();
  /// Calls `on_end` once, on a thread of its own.
  explicit EndSignals(std::function<void()> on_end);
  ~EndSignals();
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

 private:
  void Wait();

  std::function<void()> on_end_;
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_END_SIGNALS_H_
