// SPDX-License-Identifier: MIT
#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include <cstring>

#include "sampler/unwind/peer.h"
#include "sampler/unwind/probe.h"

namespace stacksampler::unwind {
namespace {

// mov $SYS_rt_sigreturn,%rax; syscall
constexpr uint8_t kSignalTrampoline[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05};

// libunwind's versions differ in which frame unw_is_signal_frame() means. `pc` may be garbage.
bool IsSignalTrampoline(uintptr_t pc) {
  uint8_t code[sizeof kSignalTrampoline];
  return CopyFromSelf(pc, code, sizeof code) &&
         std::memcmp(code, kSignalTrampoline, sizeof code) == 0;
}

}  // namespace

void WalkByLibunwind(const ucontext_t& context, Frames* frames) {
  unw_context_t copy = context;
  unw_cursor_t cursor;
  frames->count = 0;
  if (unw_init_local2(&cursor, &copy, UNW_INIT_SIGNAL_FRAME) != 0) return;
  bool interrupted = true;
  do {
    unw_word_t pc = 0;
    unw_get_reg(&cursor, UNW_REG_IP, &pc);
    if (pc == 0) break;
    frames->pcs[frames->count++] = interrupted ? pc : pc - 1;
    interrupted = IsSignalTrampoline(pc);
  } while (frames->count < Frames::kMax && unw_step(&cursor) > 0);
}

void WalkByPeer(const ucontext_t& context, Frames* frames) { WalkByLibunwind(context, frames); }

}  // namespace stacksampler::unwind
