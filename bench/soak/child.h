// SPDX-License-Identifier: MIT
//
// Purpose: one of our programs under the soak's clock.
// Thread safety: one thread at a time.
// Errors: ends the soak where a program does not start.
#ifndef STACKSAMPLER_BENCH_SOAK_CHILD_H_
#define STACKSAMPLER_BENCH_SOAK_CHILD_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace stacksampler::bench {

class Child {
 public:
  /// args[0] is its path; what it says goes into the file, both streams.
  Child(const std::vector<std::string>& args, const std::string& clock, std::string log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool lives() const;
  /// SIGTERM, and whether it ended well.
  bool Stop();
  /// The last line of its log that holds it, "" when there is none.
  [[nodiscard]] std::string LastLine(const std::string& holding) const;
  /// Waits for one; "" when the program ended before.
  [[nodiscard]] std::string AwaitLine(const std::string& holding) const;

 private:
  pid_t pid_ = -1;
  std::string log_;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_CHILD_H_
