// SPDX-License-Identifier: MIT
//
// Purpose: records this process from Start() to Finish(), or for a duration: reads a window of the
//   sampler every second, so that neither moments nor, with a window log, a killed program's
//   samples are lost.
// Thread safety: Start() and Finish() from any thread, each once; the others from any, at any time.
// Signal safety: where it says so. The thread blocks every signal: they are the program's.
// Errors: of Start(): the sampler's; later ones are one line on stderr, and the program goes on.
#ifndef STACKSAMPLER_PRELOAD_RECORDER_H_
#define STACKSAMPLER_PRELOAD_RECORDER_H_

#include <semaphore.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "preload/config.h"
#include "preload/output_sink.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::preload {

/// The longest that a process which vanishes waits for its file: what it does in that moment may be
/// what the recording thread waits for.
inline constexpr std::chrono::seconds kLeavePatience{2};

class Recorder {
 public:
  /// Uses the running sampler where there is one.
  static Result<std::unique_ptr<Recorder>> Start(const Config& config);
  ~Recorder() { Finish(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Ends the recording, and returns when the file is whole. Idempotent.
  void Finish();
  /// The same for _exit(), which may be called anywhere. Async-signal-safe: it only asks the
  /// recording thread, and waits no longer than kLeavePatience.
  void FinishInHaste();
  /// Writes what was sampled so far, and goes on: before exec, which may fail. As FinishInHaste().
  void WriteInHaste();

 private:
  Recorder(const Config& config, std::shared_ptr<Sampler> sampler, bool owns_sampler);
  Status StartThread();
  void Run();
  void Record();
  void WaitUntil(std::chrono::steady_clock::time_point time);
  void TakeWindow();
  void Report(const Status& status);

  const Config config_;
  const std::shared_ptr<Sampler> sampler_;
  const bool owns_sampler_;
  const ReaderId reader_;
  OutputSink sink_;
  bool failed_ = false;

  // Semaphores, because a signal handler may post them.
  std::atomic<bool> finish_{false};  // wanted
  std::atomic<bool> write_{false};   // wanted
  std::atomic<bool> finished_{false};
  sem_t wake_;     // something is wanted
  sem_t written_;  // what was wanted is done
  std::thread thread_;
};

/// One line on stderr.
void Complain(const Status& status);

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_RECORDER_H_
