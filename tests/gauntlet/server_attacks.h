// SPDX-License-Identifier: MIT
//
// Purpose: what strangers send to a server. Each attack tells in a word or two what became of it.
// Thread safety: any thread.
#ifndef STACKSAMPLER_TESTS_GAUNTLET_SERVER_ATTACKS_H_
#define STACKSAMPLER_TESTS_GAUNTLET_SERVER_ATTACKS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stacksampler {

struct Attack {
  std::string name;
  std::function<std::string(uint16_t port)> run;
};

std::vector<Attack> ServerAttacks();

/// Whether a good request is answered, if need be after a 503: the attackers' address is its own.
bool IsServed(uint16_t port);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_GAUNTLET_SERVER_ATTACKS_H_
