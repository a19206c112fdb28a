// SPDX-License-Identifier: MIT
//
// Purpose: a program of ours as a process of its own, whose memory and end can be looked at.
#ifndef STACKSAMPLER_TESTS_SUPPORT_PROGRAM_H_
#define STACKSAMPLER_TESTS_SUPPORT_PROGRAM_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace stacksampler {

class Program {
 public:
  /// args[0] is its path. Its stderr goes to that file.
  explicit Program(std::vector<std::string> args, const std::string& errors = "/dev/null");
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();  // SIGKILL

  /// One line of its output, without the end; "" when it has ended.
  std::string ReadLine();
  /// Its output until it ends.
  std::string ReadAll();
  [[nodiscard]] bool lives() const;
  /// Of its memory now, and at its highest since ResetPeak().
  [[nodiscard]] size_t ResidentBytes() const { return StatusBytes("VmRSS:"); }
  [[nodiscard]] size_t PeakBytes() const { return StatusBytes("VmHWM:"); }
  void ResetPeak() const;
  /// What its C library's heap has beside its main one: glibc reserves 64 MiB for each.
  [[nodiscard]] size_t ExtraArenas() const;
  void Signal(int signal) const;

  struct End {
    int status = -1;  // as of waitpid(2)
    size_t peak_bytes = 0;
  };
  End Wait();

 private:
  [[nodiscard]] size_t StatusBytes(const char* field) const;

  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_PROGRAM_H_
