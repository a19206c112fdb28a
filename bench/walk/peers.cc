// SPDX-License-Identifier: MIT
#include "peers.h"

#define UNW_LOCAL_ONLY
#include <execinfo.h>
#include <libunwind.h>
#include <unwind.h>

namespace stacksampler::bench {
namespace {

constexpr int kMaxFrames = 256;
void* frames[kMaxFrames];

struct Count {
  int frames = 0;
};

_Unwind_Reason_Code Add(_Unwind_Context* context, void* data) {
  auto* count = static_cast<Count*>(data);
  if (count->frames == kMaxFrames) return _URC_END_OF_STACK;
  frames[count->frames++] = reinterpret_cast<void*>(_Unwind_GetIP(context));
  return _URC_NO_REASON;
}

}  // namespace

size_t WalkByUnwStep(const ucontext_t& context) {
  unw_context_t copy = context;
  unw_cursor_t cursor;
  if (unw_init_local2(&cursor, &copy, UNW_INIT_SIGNAL_FRAME) != 0) return 0;
  int count = 0;
  do {
    unw_word_t pc = 0;
    unw_get_reg(&cursor, UNW_REG_IP, &pc);
    frames[count++] = reinterpret_cast<void*>(pc);
  } while (count < kMaxFrames && unw_step(&cursor) > 0);
  return static_cast<size_t>(count);
}

size_t WalkByUnwBacktrace() { return static_cast<size_t>(unw_backtrace(frames, kMaxFrames)); }

size_t WalkByLibgcc() {
  Count count;
  _Unwind_Backtrace(Add, &count);
  return static_cast<size_t>(count.frames);
}

size_t WalkByGlibc() { return static_cast<size_t>(backtrace(frames, kMaxFrames)); }

}  // namespace stacksampler::bench
