// SPDX-License-Identifier: MIT
//
// Purpose: frames that no unwind information describes, and a stack that no thread began on.
#ifndef STACKSAMPLER_TESTS_SAMPLER_UNWIND_BARE_CODE_H_
#define STACKSAMPLER_TESTS_SAMPLER_UNWIND_BARE_CODE_H_

#include <functional>

namespace stacksampler::unwind {

/// By assembly in this program that keeps the frame pointer, as hand-written code does.
void CallThroughBareFrame(const std::function<void()>& leaf);

/// By code made at run time that keeps the frame pointer, as compilers at run time do.
void CallThroughGeneratedCode(const std::function<void()>& leaf);

/// On a coroutine's stack.
void CallOnOwnStack(const std::function<void()>& leaf);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_TESTS_SAMPLER_UNWIND_BARE_CODE_H_
