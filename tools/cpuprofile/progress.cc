// SPDX-License-Identifier: MIT
#include "cpuprofile/progress.h"

#include <unistd.h>

#include <cstdio>

namespace stacksampler::cpuprofile {
namespace {

constexpr char kWipe[] = "\r\x1b[K";

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) std::fputs(kWipe, stderr);
}

void Progress::Show(const std::string& text) {
  if (!terminal_) return;
  std::fputs((kWipe + text).c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace stacksampler::cpuprofile
