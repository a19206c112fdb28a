// SPDX-License-Identifier: MIT
//
// Code that no unwind information describes: assembly in a module, and generated code.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "sampler/unwind/bare_code.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"
#include "support/forbid_calls.h"

// A leaf that pushes nothing, and a keeper of the frame pointer; both reach a trap.
asm(R"(
.text
.type unwind_test_bare_leaf, @function
unwind_test_bare_leaf:
  xorl %eax, %eax
  int3
  ret
.size unwind_test_bare_leaf, . - unwind_test_bare_leaf
.type unwind_test_bare_frame, @function
unwind_test_bare_frame:
  pushq %rbp
  movq %rsp, %rbp
  pushq %rbx
  pushq $0
  xorl %eax, %eax
  int3
  popq %rbx
  popq %rbx
  popq %rbp
  ret
.size unwind_test_bare_frame, . - unwind_test_bare_frame
)");
extern "C" {
[[gnu::visibility("hidden")]] void unwind_test_bare_leaf();
[[gnu::visibility("hidden")]] void unwind_test_bare_frame();
}

namespace stacksampler::unwind {
namespace {

OurWalk ours;

void OnTrap(int, siginfo_t*, void* context) {
  WalkStack(*static_cast<const ucontext_t*>(context), StackHigh(), &ours.walk);
}

[[gnu::noinline]] uintptr_t WalkFromTrapIn(void (*code)()) {
  struct sigaction action = {}, old;
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &old);
  code();
  sigaction(SIGTRAP, &old, nullptr);
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0));
}

// Frame 1 is WalkFromTrapIn(), frame 2 the test.
void CheckGuessed(uintptr_t test_pc) {
  CHECK(ours.walk.complete);
  CHECK(ours.walk.guessed == 1);
  REQUIRE(ours.walk.depth > 3);
  CHECK(ours.pcs[2] == test_pc - 1);
}

// Of which nothing is known beforehand.
void WalkOnOwnStack() {
  CallOnOwnStack([] {
    ucontext_t context;
    getcontext(&context);
    WalkStack(context, 0, &ours.walk);
  });
}

int WalkWithoutReadingCode() {
  if (!tests::Forbid({SYS_process_vm_readv})) return 1;
  WalkOnOwnStack();
  if (!ours.walk.complete) return 2;
  return ours.walk.guessed == 1 ? 0 : 3;
}

class GeneratedCode {
 public:
  explicit GeneratedCode(const void* code, size_t size) {
    page_ = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(page_, code, size);
    mprotect(page_, kBytes, PROT_READ | PROT_EXEC);
  }
  ~GeneratedCode() { munmap(page_, kBytes); }
  GeneratedCode(const GeneratedCode&) = delete;
  GeneratedCode& operator=(const GeneratedCode&) = delete;

  auto entry() const { return reinterpret_cast<void (*)()>(page_); }

 private:
  static constexpr size_t kBytes = 4096;
  void* page_;
};

}  // namespace

TEST_CASE("WalkStack: finds the caller of assembly without unwind information, and counts it") {
  RefreshTables();
  CheckGuessed(WalkFromTrapIn(unwind_test_bare_leaf));
  CheckGuessed(WalkFromTrapIn(unwind_test_bare_frame));
}

TEST_CASE("WalkStack: where code cannot be read, a coroutine's end is a guess, and counted") {
  RefreshTables();
  WalkOnOwnStack();
  CHECK(ours.walk.complete);
  CHECK(ours.walk.guessed == 0);
  const pid_t child = fork();
  if (child == 0) _exit(WalkWithoutReadingCode());
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("WalkStack: follows the frame pointers of generated code, and counts them") {
  RefreshTables();
  const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0x53, 0x53, 0xcc, 0x5b, 0x5b, 0x5d, 0xc3};
  const GeneratedCode generated(code, sizeof code);
  CheckGuessed(WalkFromTrapIn(generated.entry()));
}

}  // namespace stacksampler::unwind
