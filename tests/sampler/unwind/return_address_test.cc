// SPDX-License-Identifier: MIT
#include "sampler/unwind/return_address.h"

#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "sampler/unwind/probe.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

bool IsCall(std::vector<uint8_t> code) {
  code.insert(code.begin(), kMaxCallBytes - code.size(), 0x90);
  return EndsInCall(code.data());
}

}  // namespace

TEST_CASE("EndsInCall: knows every form of near call") {
  CHECK(IsCall({0xe8, 1, 2, 3, 4}));              // call rel32
  CHECK(IsCall({0xff, 0xd0}));                    // call *%rax
  CHECK(IsCall({0x41, 0xff, 0xd4}));              // call *%r12
  CHECK(IsCall({0xff, 0x10}));                    // call *(%rax)
  CHECK(IsCall({0xff, 0x14, 0x24}));              // call *(%rsp)
  CHECK(IsCall({0xff, 0x50, 8}));                 // call *8(%rax)
  CHECK(IsCall({0xff, 0x54, 0x24, 8}));           // call *8(%rsp)
  CHECK(IsCall({0xff, 0x15, 1, 2, 3, 4}));        // call *sym(%rip)
  CHECK(IsCall({0xff, 0x90, 1, 2, 3, 4}));        // call *0x4030201(%rax)
  CHECK(IsCall({0xff, 0x94, 0x24, 1, 2, 3, 4}));  // call *0x4030201(%rsp)
  CHECK(IsCall({0xff, 0x14, 0xc5, 1, 2, 3, 4}));  // call *table(,%rax,8)
}

TEST_CASE("EndsInCall: takes jumps, pushes and halves of calls for what they are") {
  CHECK_FALSE(IsCall({}));
  CHECK_FALSE(IsCall({0xe9, 1, 2, 3, 4}));  // jmp rel32
  CHECK_FALSE(IsCall({0xff, 0xe0}));        // jmp *%rax
  CHECK_FALSE(IsCall({0xff, 0x30}));        // push (%rax)
  CHECK_FALSE(IsCall({0xff, 0x14}));        // its SIB byte is missing
  CHECK_FALSE(IsCall({0xff, 0x15, 1, 2, 3}));
  CHECK_FALSE(IsCall({0xe8, 1, 2, 3}));
}

TEST_CASE("FollowsCall: reads code without risk") {
  CHECK(FollowsCall(reinterpret_cast<uintptr_t>(__builtin_return_address(0))));
  CHECK_FALSE(FollowsCall(0));
  CHECK_FALSE(FollowsCall(UINTPTR_MAX));
  CHECK_FALSE(FollowsCall(uintptr_t{1} << 46));
}

TEST_CASE("IsReadable: tells mapped pages from others") {
  auto* pages = static_cast<char*>(
      mmap(nullptr, 2 * kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(pages + kPageBytes, kPageBytes, PROT_NONE);
  const auto address = reinterpret_cast<uintptr_t>(pages);
  for (const bool by_copying : {true, false}) {
    AskByCopying(by_copying);
    CHECK(IsReadable(address));
    CHECK(IsReadable(address + kPageBytes - 8));
    CHECK_FALSE(IsReadable(address + kPageBytes));
    CHECK_FALSE(IsReadable(0));
  }
  munmap(pages, 2 * kPageBytes);
}

}  // namespace stacksampler::unwind
