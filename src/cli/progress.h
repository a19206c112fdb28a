// SPDX-License-Identifier: MIT
//
// Purpose: one line on stderr that counts up, for a person; nothing where stderr is no terminal.
#ifndef STACKSAMPLER_CLI_PROGRESS_H_
#define STACKSAMPLER_CLI_PROGRESS_H_

#include <string>

namespace stacksampler::cli {

class Progress {
 public:
  Progress();
  ~Progress() { Wipe(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const std::string& text);
  /// Before something else is printed.
  void Wipe();

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_PROGRESS_H_
