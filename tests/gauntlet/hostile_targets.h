// SPDX-License-Identifier: MIT
//
// Purpose: what a target may do to the collector that asks it.
// Thread safety: any thread.
#ifndef STACKSAMPLER_TESTS_GAUNTLET_HOSTILE_TARGETS_H_
#define STACKSAMPLER_TESTS_GAUNTLET_HOSTILE_TARGETS_H_

#include <string>
#include <vector>

#include "http/hostile_server.h"

namespace stacksampler {

struct HostileTarget {
  std::string name;
  http::HostileServer::Talk talk;
};

std::vector<HostileTarget> HostileTargets();

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_GAUNTLET_HOSTILE_TARGETS_H_
