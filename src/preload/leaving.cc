// SPDX-License-Identifier: MIT
//
// Purpose: stands before the C library's ways to leave a program without exit(), so that what was
//   sampled since the last window is written first: _exit() and the exec family.
// Thread safety: as what they stand for.
// Signal safety: async-signal-safe once the library is loaded, as what they stand for; in a child
//   of vfork() they do nothing of their own.
// Errors: those of what they stand for.
#include <alloca.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdarg>
#include <cstddef>

#include "preload/attachment.h"

#define STACKSAMPLER_STANDS_BEFORE extern "C" [[gnu::visibility("default")]]

namespace {

/// The C library's function of that name, looked up when this library is loaded: later, in a child
/// of vfork() or in a signal handler, it could not be.
template <typename Function>
class Next {
 public:
  explicit constexpr Next(const char* name) : name_(name) {}
  void LookUp() { function_ = Find(); }
  /// Other libraries' constructors may come before ours.
  Function* get() const { return function_ != nullptr ? function_ : Find(); }

 private:
  Function* Find() const { return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_)); }
  const char* name_;
  Function* function_ = nullptr;
};

using Arguments = char* const*;

constinit Next<void(int)> next_exit("_exit");
constinit Next<int(const char*, Arguments)> next_execv("execv");
constinit Next<int(const char*, Arguments, Arguments)> next_execve("execve");
constinit Next<int(const char*, Arguments)> next_execvp("execvp");
constinit Next<int(const char*, Arguments, Arguments)> next_execvpe("execvpe");
constinit Next<int(int, Arguments, Arguments)> next_fexecve("fexecve");

__attribute__((constructor)) void LookUpAll() {
  next_exit.LookUp();
  next_execv.LookUp();
  next_execve.LookUp();
  next_execvp.LookUp();
  next_execvpe.LookUp();
  next_fexecve.LookUp();
}

[[noreturn]] void Leave(int status) {
  stacksampler::preload::DetachInHaste();
  next_exit.get()(status);
  __builtin_unreachable();
}

// The arguments of execl and its like; the last one is null. On the caller's stack, for a child of
// vfork() may not allocate.
#define STACKSAMPLER_COLLECT(first, arguments)                                       \
  va_list list;                                                                      \
  va_start(list, first);                                                             \
  size_t count = 1;                                                                  \
  while (va_arg(list, char*) != nullptr) ++count;                                    \
  va_end(list);                                                                      \
  auto** const arguments = static_cast<char**>(alloca((count + 1) * sizeof(char*))); \
  va_start(list, first);                                                             \
  (arguments)[0] = const_cast<char*>(first);                                         \
  for (size_t i = 1; i <= count; ++i) (arguments)[i] = va_arg(list, char*);

}  // namespace

STACKSAMPLER_STANDS_BEFORE void _exit(int status) { Leave(status); }

STACKSAMPLER_STANDS_BEFORE void _Exit(int status) noexcept { Leave(status); }

STACKSAMPLER_STANDS_BEFORE int execv(const char* path, Arguments arguments) noexcept {
  stacksampler::preload::WriteInHaste();
  return next_execv.get()(path, arguments);
}

STACKSAMPLER_STANDS_BEFORE int execve(const char* path, Arguments arguments,
                                      Arguments environment) noexcept {
  stacksampler::preload::WriteInHaste();
  return next_execve.get()(path, arguments, environment);
}

STACKSAMPLER_STANDS_BEFORE int execvp(const char* file, Arguments arguments) noexcept {
  stacksampler::preload::WriteInHaste();
  return next_execvp.get()(file, arguments);
}

STACKSAMPLER_STANDS_BEFORE int execvpe(const char* file, Arguments arguments,
                                       Arguments environment) noexcept {
  stacksampler::preload::WriteInHaste();
  return next_execvpe.get()(file, arguments, environment);
}

STACKSAMPLER_STANDS_BEFORE int fexecve(int fd, Arguments arguments,
                                       Arguments environment) noexcept {
  stacksampler::preload::WriteInHaste();
  return next_fexecve.get()(fd, arguments, environment);
}

STACKSAMPLER_STANDS_BEFORE int execl(const char* path, const char* first, ...) noexcept {
  STACKSAMPLER_COLLECT(first, arguments)
  va_end(list);
  return execv(path, arguments);
}

STACKSAMPLER_STANDS_BEFORE int execlp(const char* file, const char* first, ...) noexcept {
  STACKSAMPLER_COLLECT(first, arguments)
  va_end(list);
  return execvp(file, arguments);
}

STACKSAMPLER_STANDS_BEFORE int execle(const char* path, const char* first, ...) noexcept {
  STACKSAMPLER_COLLECT(first, arguments)
  auto* const environment = va_arg(list, char**);
  va_end(list);
  return execve(path, arguments, environment);
}
