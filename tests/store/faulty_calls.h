// SPDX-License-Identifier: MIT
//
// Purpose: the system calls of the store's tests, which fail on demand, and a disk that forgets
//   what it could not write, as Linux does.
// Shapes: the program's own definitions stand before libc's, for libgdbm as well.
// Thread safety: arm and disarm while no other thread makes such calls; those may come from any.
// Errors: those asked for.
#ifndef STACKSAMPLER_TESTS_STORE_FAULTY_CALLS_H_
#define STACKSAMPLER_TESTS_STORE_FAULTY_CALLS_H_

#include <cstdint>
#include <string>

namespace stacksampler::store {

struct Fault {
  int error = 0;         // errno; 0: half of what was to be written is written, and said so
  uint64_t at = 0;       // the number of the call, from 0
  bool lasting = false;  // all calls from there on
  bool asks = false;     // those of faulty_lookups.cc are calls as well
};

/// Calls are counted, and fail as asked, while it lives. Nothing is brought to the disk meanwhile:
/// thousands of runs would take hours.
class FaultyCalls {
 public:
  explicit FaultyCalls(const Fault& fault);
  ~FaultyCalls();
  FaultyCalls(const FaultyCalls&) = delete;
  FaultyCalls& operator=(const FaultyCalls&) = delete;

  /// The call that failed first; "" when there were fewer.
  [[nodiscard]] static std::string failed();
  [[nodiscard]] static uint64_t failures();
};

/// Kills this process as SIGKILL does, before its `number`th (from 1) rename() to, or unlink() of,
/// a file whose name begins so.
void DieAt(const std::string& call, const std::string& name_begins, int number);

/// What was read of files since it was made.
class CountedReads {
 public:
  CountedReads();
  CountedReads(const CountedReads&) = delete;
  CountedReads& operator=(const CountedReads&) = delete;
  [[nodiscard]] uint64_t bytes() const;

 private:
  uint64_t before_;
};

/// For the definitions that stand before libc's: true, with errno set, when this one is to fail.
bool Fails(const char* call);
/// The same for those that ask about files.
bool FailsToAsk(const char* call);

/// Makes fdatasync() of files, or fsync() of directories, fail while it lives.
enum class Sync { kFile, kDirectory };
class FailingSync {
 public:
  explicit FailingSync(Sync kind);
  ~FailingSync();
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;
};

/// Follows what is written with pwrite() while it lives. What fdatasync() could not bring to the
/// disk is clean for the kernel: only what is written again gets there.
class ForgetfulDisk {
 public:
  ForgetfulDisk();
  ~ForgetfulDisk();
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  /// What of the file is on the disk.
  [[nodiscard]] static std::string Content(const std::string& path);
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_FAULTY_CALLS_H_
