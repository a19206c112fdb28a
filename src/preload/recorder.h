// SPDX-License-Identifier: MIT
//
// Purpose: records this process from Start() to Finish(), or for a duration: reads a window of the
//   sampler every second, so that neither moments nor, with a window log, a killed program's
//   samples are lost.
// Thread safety: Start() and Finish() from any thread, each once.
// Signal safety: not async-signal-safe. The thread blocks every signal: they are the program's.
// Errors: of Start(): the sampler's; later ones are one line on stderr, and the program goes on.
#ifndef STACKSAMPLER_PRELOAD_RECORDER_H_
#define STACKSAMPLER_PRELOAD_RECORDER_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "preload/config.h"
#include "preload/output_sink.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::preload {

class Recorder {
 public:
  /// Uses the running sampler where there is one.
  static Result<std::unique_ptr<Recorder>> Start(const Config& config);
  ~Recorder() { Finish(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Ends the recording, and returns when the file is whole. Idempotent.
  void Finish();

 private:
  Recorder(const Config& config, std::shared_ptr<Sampler> sampler, bool owns_sampler);
  Status StartThread();
  void Run();
  void Record();
  bool WaitUntil(std::chrono::steady_clock::time_point time);
  void TakeWindow();
  void Report(const Status& status);

  const Config config_;
  const std::shared_ptr<Sampler> sampler_;
  const bool owns_sampler_;
  const ReaderId reader_;
  OutputSink sink_;
  bool failed_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool finish_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// One line on stderr.
void Complain(const Status& status);

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_RECORDER_H_
