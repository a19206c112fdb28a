// SPDX-License-Identifier: MIT
//
// Purpose: a server of ours as a process of its own, and the port that it tells.
#ifndef STACKSAMPLER_TESTS_GAUNTLET_RUNNING_SERVER_H_
#define STACKSAMPLER_TESTS_GAUNTLET_RUNNING_SERVER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/program.h"

namespace stacksampler {

struct RunningServer {
  explicit RunningServer(std::vector<std::string> args) : program(std::move(args)) {
    const std::string line = program.ReadLine();  // "PORT" or "http://127.0.0.1:PORT/"
    const size_t colon = line.rfind(':');
    port =
        static_cast<uint16_t>(std::stoul(line.substr(colon == std::string::npos ? 0 : colon + 1)));
  }

  Program program;
  uint16_t port = 0;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_GAUNTLET_RUNNING_SERVER_H_
