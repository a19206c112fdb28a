// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <ucontext.h>

#include <array>
#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "guest/torture/kinds.h"

namespace stacksampler::torture {
namespace {

constexpr size_t kCoroutines = 4;
constexpr size_t kCoroutineStackBytes = size_t{64} << 10;
constexpr int kRounds = 3000;

class Mapping {
 public:
  Mapping() {
    if (address_ == MAP_FAILED) throw std::runtime_error("no memory for a stack");
  }
  ~Mapping() { munmap(address_, kCoroutineStackBytes); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] stack_t AsStack() const { return {address_, 0, kCoroutineStackBytes}; }

 private:
  void* const address_ = mmap(nullptr, kCoroutineStackBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
};

struct Coroutine {
  const Mapping stack;
  ucontext_t self{};
  ucontext_t* home = nullptr;
};

// makecontext hands over ints only.
void RunCoroutine(unsigned low, unsigned high) {
  auto* const coroutine = reinterpret_cast<Coroutine*>(uintptr_t{high} << 32 | low);
  Work(kRounds);
  swapcontext(&coroutine->self, coroutine->home);
  Work(kRounds);
}

void Prepare(Coroutine* coroutine, ucontext_t* home) {
  coroutine->home = home;
  getcontext(&coroutine->self);
  coroutine->self.uc_stack = coroutine->stack.AsStack();
  coroutine->self.uc_link = home;
  const auto address = reinterpret_cast<uintptr_t>(coroutine);
  makecontext(&coroutine->self, reinterpret_cast<void (*)()>(RunCoroutine), 2,
              static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
}

thread_local volatile int handled = 0;

void WorkInHandler(int /*signal*/) {
  Work(kRounds);
  handled = handled + 1;
}

thread_local sigjmp_buf leap_target;

void Leap(int /*signal*/) {
  Work(kRounds / 10);
  siglongjmp(leap_target, 1);
}

void* ForbiddenPage() {
  static void* const page = mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page;
}

// A fault that is none of ours must kill, and be seen.
void LeapFromForbiddenPage(int signal, siginfo_t* info, void* /*context*/) {
  if (info->si_addr == ForbiddenPage()) Leap(signal);
  std::signal(SIGSEGV, SIG_DFL);
}

void Install(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

// Their stacks go with the turn, while the thread lives on.
void SwitchCoroutines(int /*thread*/) {
  ucontext_t home;
  std::array<Coroutine, kCoroutines> coroutines;
  for (Coroutine& coroutine : coroutines) Prepare(&coroutine, &home);
  for (int visit = 0; visit < 2; ++visit) {
    for (Coroutine& coroutine : coroutines) swapcontext(&home, &coroutine.self);
  }
}

void HandleOnAlternateStack(int /*thread*/) {
  const Mapping memory;
  const stack_t stack = memory.AsStack();
  stack_t before{};
  sigaltstack(&stack, &before);
  Install(SIGUSR1, WorkInHandler, SA_ONSTACK);
  const int expected = handled + 1;
  raise(SIGUSR1);
  sigaltstack(&before, nullptr);
  if (handled != expected) throw std::runtime_error("a signal was not handled");
}

void LeapOutOfHandler(int /*thread*/) {
  Install(SIGUSR2, Leap, 0);
  if (sigsetjmp(leap_target, 1) != 0) return;
  raise(SIGUSR2);
  throw std::runtime_error("a leap did not happen");
}

void LeapOutOfFault(int /*thread*/) {
  struct sigaction action {};
  action.sa_sigaction = LeapFromForbiddenPage;
  action.sa_flags = SA_SIGINFO;
  auto* const forbidden = static_cast<volatile int*>(ForbiddenPage());
  sigaction(SIGSEGV, &action, nullptr);
  if (sigsetjmp(leap_target, 1) != 0) return;
  *forbidden = 1;
  throw std::runtime_error("a fault did not happen");
}

}  // namespace stacksampler::torture
