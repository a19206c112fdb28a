// SPDX-License-Identifier: MIT
//
// Purpose: made-up databases of the original collector.
#ifndef STACKSAMPLER_TESTS_STORE_LEGACY_DATABASE_H_
#define STACKSAMPLER_TESTS_STORE_LEGACY_DATABASE_H_

#include <string>

namespace stacksampler::store {

/// Of targets "web:0" to "web:2": each poll counts 1 in each of two stacks.
void WriteLegacy(const std::string& path, int polls, int polls_a_day);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_LEGACY_DATABASE_H_
