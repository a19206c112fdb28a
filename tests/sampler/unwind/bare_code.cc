// SPDX-License-Identifier: MIT
#include "sampler/unwind/bare_code.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <cstring>
#include <memory>

// unwind_test_bare_call(call, leaf): call(leaf)
asm(R"(
.text
.type unwind_test_bare_call, @function
unwind_test_bare_call:
  pushq %rbp
  movq %rsp, %rbp
  movq %rdi, %rax
  movq %rsi, %rdi
  call *%rax
  popq %rbp
  ret
.globl unwind_test_bare_call_end
.hidden unwind_test_bare_call_end
unwind_test_bare_call_end:
.size unwind_test_bare_call, . - unwind_test_bare_call
)");
extern "C" {
[[gnu::visibility("hidden")]] void unwind_test_bare_call(void (*call)(const void*), const void*);
extern const char unwind_test_bare_call_end[];
}

namespace stacksampler::unwind {
namespace {

using Leaf = std::function<void()>;
using Through = void (*)(void (*call)(const void*), const void* leaf);

constexpr size_t kPageBytes = 4096;
constexpr size_t kStackBytes = 65536;

void CallLeaf(const void* leaf) { (*static_cast<const Leaf*>(leaf))(); }

const Leaf* own_stack_leaf = nullptr;
void CallOwnStackLeaf() { (*own_stack_leaf)(); }

}  // namespace

void CallThroughBareFrame(const Leaf& leaf) { unwind_test_bare_call(CallLeaf, &leaf); }

void CallThroughGeneratedCode(const Leaf& leaf) {
  const auto* code = reinterpret_cast<const char*>(&unwind_test_bare_call);
  void* page =
      mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memcpy(page, code, static_cast<size_t>(unwind_test_bare_call_end - code));
  mprotect(page, kPageBytes, PROT_READ | PROT_EXEC);
  reinterpret_cast<Through>(page)(CallLeaf, &leaf);
  munmap(page, kPageBytes);
}

void CallOnOwnStack(const Leaf& leaf) {
  const std::unique_ptr<uint8_t[]> stack(new uint8_t[kStackBytes]);  // not cleared: these are steps
  ucontext_t here, there;
  getcontext(&there);
  there.uc_stack.ss_sp = stack.get();
  there.uc_stack.ss_size = kStackBytes;
  there.uc_link = &here;
  makecontext(&there, CallOwnStackLeaf, 0);
  own_stack_leaf = &leaf;
  swapcontext(&here, &there);
}

}  // namespace stacksampler::unwind
