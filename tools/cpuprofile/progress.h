// SPDX-License-Identifier: MIT
//
// Purpose: one line on stderr that counts up, for a person; nothing where stderr is no terminal.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_PROGRESS_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_PROGRESS_H_

#include <string>

namespace stacksampler::cpuprofile {

class Progress {
 public:
  Progress();
  ~Progress();  // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const std::string& text);

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_PROGRESS_H_
