// SPDX-License-Identifier: MIT
//
// Purpose: a thread with manners for a guest in somebody's process: a small stack, a name, and
//   every signal blocked but those that a fault of its own raises (the host's crash handler still
//   sees them).
// Thread safety: as an int.
// Errors: kResourceExhausted and what else pthread_create() says.
#ifndef STACKSAMPLER_HTTP_THREAD_H_
#define STACKSAMPLER_HTTP_THREAD_H_

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <utility>

#include "stacksampler/status.h"

namespace stacksampler::http {

/// Beside what the program's thread-local storage takes.
inline constexpr size_t kThreadStackBytes = 256 << 10;

class Thread {
 public:
  static Result<Thread> Start(std::function<void()> body, size_t stack_bytes = kThreadStackBytes);

  Thread(Thread&& other) noexcept
      : thread_(other.thread_), owned_(std::exchange(other.owned_, false)) {}
  Thread& operator=(Thread&&) = delete;
  /// REQUIRES: joined, detached or moved from.
  ~Thread();

  void Join();
  void Detach();

 private:
  explicit Thread(pthread_t thread) : thread_(thread), owned_(true) {}
  pthread_t thread_;
  bool owned_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_THREAD_H_
