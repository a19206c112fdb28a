// SPDX-License-Identifier: MIT
//
// Purpose: for LD_PRELOAD: a wall clock that somebody sets, and a system that has no more threads.
//   HARDSHIP_CLOCK=FILE: the file's number, read anew each time, is added to the wall clock's
//   seconds. HARDSHIP_THREADS=N: after N threads pthread_create() says EAGAIN.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

long SecondsToAdd() {
  const char* path = std::getenv("HARDSHIP_CLOCK");
  std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "re");
  if (file == nullptr) return 0;
  char text[32] = "";
  const char* line = std::fgets(text, sizeof text, file);
  std::fclose(file);
  return line == nullptr ? 0 : std::strtol(line, nullptr, 10);
}

bool HasThreadLeft() {
  const char* number = std::getenv("HARDSHIP_THREADS");
  static std::atomic<int> made{0};
  return number == nullptr || made++ < std::atoi(number);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int saved = errno;
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  if (clock == CLOCK_REALTIME) time->tv_sec += SecondsToAdd();
  errno = saved;
  return 0;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return HasThreadLeft() ? create(thread, attributes, run, argument) : EAGAIN;
}

}  // extern "C"
#pragma GCC visibility pop
