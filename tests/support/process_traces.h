// SPDX-License-Identifier: MIT
//
// Purpose: what a guest must leave as it was.
#ifndef STACKSAMPLER_TESTS_SUPPORT_PROCESS_TRACES_H_
#define STACKSAMPLER_TESTS_SUPPORT_PROCESS_TRACES_H_

#include <string>

namespace stacksampler {

/// Dispositions of all signals, signal mask, pending signals, limits, environment, locale, umask,
/// working directory, descriptors, threads and timers, as text for comparing.
std::string ProcessTraces();

/// ProcessTraces() once they are `expected`, or after a generous number of tries: the kernel lets a
/// joined thread go a moment later.
std::string SettledTraces(const std::string& expected);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_PROCESS_TRACES_H_
