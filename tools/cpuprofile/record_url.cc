// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cli/progress.h"
#include "cpuprofile/record.h"
#include "cpuprofile/signals.h"
#include "cpuprofile/window_reader.h"

namespace stacksampler::cpuprofile {
namespace {

using Clock = std::chrono::steady_clock;

// Often enough that the target neither forgets the reader nor has to hold many moments.
constexpr std::chrono::seconds kReadEvery{5};
constexpr std::chrono::seconds kShowEvery{1};

// False when the person asked for the end.
bool SleepUntil(Clock::time_point wake, Clock::time_point end, const std::string& target,
                Signals* signals) {
  cli::Progress progress;
  while (Clock::now() < wake) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(end - Clock::now());
    progress.Show(fmt::format("recording {}: {} s left, Ctrl-C ends it now", target, left.count()));
    const auto signal = signals->Next(std::min(wake, Clock::now() + kShowEvery));
    if (signal && signal->si_signo != SIGCHLD) return false;
  }
  return true;
}

// A failed read is no loss: the next one brings its window, too. Only the last one must succeed.
Status ReadFor(std::chrono::seconds duration, WindowReader* reader) {
  Signals signals;
  const auto end = Clock::now() + duration;
  for (;;) {
    const auto wake = std::min(end, Clock::now() + kReadEvery);
    const bool asked_to_end = !SleepUntil(wake, end, reader->target(), &signals);
    Status status = reader->Read();
    if (asked_to_end || Clock::now() >= end) return status;
  }
}

}  // namespace

Status RecordUrl(const RecordOptions& options, const http::Url& target) {
  if (Status status = CheckWritable(options.output.path); !status.ok()) return status;
  WindowReader reader(target, options.fetch);
  if (Status status = reader.Open(); !status.ok()) return status;
  Status status = ReadFor(*options.duration, &reader);
  reader.Close();
  if (!status.ok()) return status;
  if (reader.restarted()) {
    Say("warning: " + reader.target() +
        " was started anew meanwhile; what it did just before is missing");
  }
  const Result<Profile> profile = KeepThread(std::move(reader.profile()), options.thread);
  return profile.ok() ? WriteOutput(options.output, *profile) : profile.status();
}

}  // namespace stacksampler::cpuprofile
