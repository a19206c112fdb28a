// SPDX-License-Identifier: MIT
//
// Purpose: the stores that calls fail over, and how they are made while none does.
#ifndef STACKSAMPLER_TESTS_STORE_FAULT_SUPPORT_H_
#define STACKSAMPLER_TESTS_STORE_FAULT_SUPPORT_H_

#include <cstdint>
#include <map>
#include <string>

#include "store/faulty_calls.h"
#include "store/store_support.h"

namespace stacksampler::store {

/// Window i counts 4^i, so that a sum tells which windows are there, and how often.
int64_t WeightOf(int window);
/// Two of one segment, then two of the next.
Window WindowOf(int window);

/// Nothing fails, and nothing waits for the disk.
template <typename Work>
void Unsynced(Work work) {
  const FaultyCalls calls({0, UINT64_MAX, false});
  work();
}

/// Two segments, a day's total and a journal, of windows 0 to 2.
void Fill(const TempDir& dir);

/// The content of all files, by name.
std::map<std::string, std::string> Contents(const TempDir& dir);

/// Makes what one block of the first segment says wrong; answers with its name.
std::string DamageRows(const TempDir& dir);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_FAULT_SUPPORT_H_
