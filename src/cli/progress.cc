// SPDX-License-Identifier: MIT
#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>

namespace stacksampler::cli {
namespace {

constexpr char kWipe[] = "\r\x1b[K";

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::Wipe() {
  if (shown_) std::fputs(kWipe, stderr);
  shown_ = false;
}

void Progress::Show(const std::string& text) {
  if (!terminal_) return;
  std::fputs((kWipe + text).c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace stacksampler::cli
