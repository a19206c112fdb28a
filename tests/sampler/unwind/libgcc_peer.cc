// SPDX-License-Identifier: MIT
#include <unwind.h>

#include "sampler/unwind/arch.h"
#include "sampler/unwind/peer.h"

namespace stacksampler::unwind {
namespace {

struct Backtrace {
  Frames* frames;
  uintptr_t interrupted;  // where the frames to keep begin; 0 = found
};

_Unwind_Reason_Code Keep(_Unwind_Context* context, void* data) {
  auto* backtrace = static_cast<Backtrace*>(data);
  int interrupted = 0;
  const uintptr_t pc = _Unwind_GetIPInfo(context, &interrupted);
  if (interrupted != 0 && pc == backtrace->interrupted) backtrace->interrupted = 0;
  Frames* frames = backtrace->frames;
  if (backtrace->interrupted != 0) return _URC_NO_REASON;
  if (pc == 0 || frames->count == Frames::kMax) return _URC_END_OF_STACK;
  frames->pcs[frames->count++] = interrupted != 0 ? pc : pc - 1;
  return _URC_NO_REASON;
}

}  // namespace

// It walks from here, through the handler, to the context.
void WalkByPeer(const ucontext_t& context, Frames* frames) {
  frames->count = 0;
  Backtrace backtrace{frames, arch::Value(arch::RegistersOf(context), arch::kPc)};
  _Unwind_Backtrace(Keep, &backtrace);
}

}  // namespace stacksampler::unwind
