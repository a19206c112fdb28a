// SPDX-License-Identifier: MIT
//
// Purpose: reads one endpoint's windows, each exactly once: a window is acknowledged with the next
//   request, and a lost answer comes again, merged with what followed.
// Thread safety: one thread.
// Signal safety: none.
// Errors: name the target and what it answered.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_WINDOW_READER_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_WINDOW_READER_H_

#include <cstdint>
#include <string>

#include "http/client.h"
#include "http/url.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

class WindowReader {
 public:
  /// The reader's name is random: two recordings at the same time take nothing from each other.
  /// `fetch`: its bound on an answer is set here.
  explicit WindowReader(http::Url target, http::FetchOptions fetch = {});

  /// The first call opens the reader: its window is empty, and what follows counts from then.
  Status Open();
  /// Adds the next window to profile().
  Status Read();
  /// Gives the cursor up, so that the target holds nothing for it. A target that is gone has none.
  void Close();
  [[nodiscard]] Profile& profile() { return profile_; }
  /// The target was started anew in between: its samples from before are lost.
  [[nodiscard]] bool restarted() const { return restarted_; }
  [[nodiscard]] std::string target() const;

 private:
  Result<Profile> Fetch();

  http::Url target_;
  http::FetchOptions fetch_;
  std::string path_;
  std::string instance_;
  std::string window_;
  uint64_t turn_ = 0;  // of the last request; a request that comes late is not taken
  Profile profile_;
  bool restarted_ = false;
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_WINDOW_READER_H_
