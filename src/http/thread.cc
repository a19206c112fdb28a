// SPDX-License-Identifier: MIT
#include "http/thread.h"

#include <link.h>

#include <csignal>

#include <cassert>
#include <cerrno>
#include <memory>

#include "base/errno_status.h"

namespace stacksampler::http {
namespace {

// The kernel keeps 15 bytes of "stacksampler-http".
constexpr char kThreadName[] = "stacksampler-ht";
static_assert(sizeof kThreadName == 16);

void* RunBody(void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

// Blocks for its lifetime what a new thread shall inherit as blocked.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
      sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

#if defined(__SANITIZE_THREAD__)
constexpr size_t kFrameFactor = 4;  // its frames are larger
#else
constexpr size_t kFrameFactor = 1;
#endif

// Of the program and its libraries: glibc takes it out of each thread's stack.
size_t ThreadLocalBytes() {
  const auto add = [](dl_phdr_info* module, size_t /*size*/, void* sum) {
    for (int i = 0; i < module->dlpi_phnum; ++i) {
      const ElfW(Phdr)& part = module->dlpi_phdr[i];
      if (part.p_type == PT_TLS) *static_cast<size_t*>(sum) += part.p_memsz;
    }
    return 0;
  };
  size_t bytes = 0;
  dl_iterate_phdr(add, &bytes);
  return bytes;
}

int Create(pthread_t* thread, size_t stack_bytes, std::function<void()>* body) {
  const BlockedSignals blocked;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes * kFrameFactor + ThreadLocalBytes());
  int error = pthread_create(thread, &attributes, RunBody, body);
  pthread_attr_destroy(&attributes);
  // What the system asks for besides may be more than was reckoned with.
  if (error == EINVAL) error = pthread_create(thread, nullptr, RunBody, body);
  return error;
}

}  // namespace

Result<Thread> Thread::Start(std::function<void()> body, size_t stack_bytes) {
  auto owned_body = std::make_unique<std::function<void()>>(std::move(body));
  pthread_t thread;
  const int error = Create(&thread, stack_bytes, owned_body.get());
  if (error == EAGAIN) {
    return Status(StatusCode::kResourceExhausted,
                  "start a thread: the system has none left; raise its limit of threads");
  }
  if (error != 0) return ErrnoStatus(error, "start a thread");
  (void)owned_body.release();
  pthread_setname_np(thread, kThreadName);
  return Thread(thread);
}

Thread::~Thread() { assert(!owned_); }

void Thread::Join() {
  if (std::exchange(owned_, false)) pthread_join(thread_, nullptr);
}

void Thread::Detach() {
  if (std::exchange(owned_, false)) pthread_detach(thread_);
}

}  // namespace stacksampler::http
