// SPDX-License-Identifier: MIT
#include "http/thread.h"

#include "support/catch.h"

namespace stacksampler::http {
namespace {

// As a host may have it: each thread of this program gets it, out of its stack.
thread_local volatile char storage[192 << 10];

[[gnu::noinline]] void Fill(size_t bytes) {
  volatile char* const stack = static_cast<volatile char*>(__builtin_alloca(bytes));
  for (size_t i = 0; i < bytes; i += 4096) stack[bytes - 1 - i] = 1;
}

}  // namespace

TEST_CASE("Thread: has its stack beside a program's large thread-local storage") {
  bool done = false;
  Result<Thread> thread = Thread::Start([&] {
    storage[0] = 1;
    Fill(kThreadStackBytes - (32 << 10));
    done = true;
  });
  REQUIRE(thread.ok());
  thread->Join();
  CHECK(done);
}

}  // namespace stacksampler::http
