// SPDX-License-Identifier: MIT
//
// Purpose: code that comes and goes: calls back through a frame of its own, past a handler of
//   exceptions.
#include <stdexcept>

extern "C" __attribute__((visibility("default"))) int torture_plugin_call(void (*work)(int),
                                                                          int rounds) {
  try {
    work(rounds);
    throw std::runtime_error("thrown in a plugin");
  } catch (const std::runtime_error& error) {
    return error.what()[0];
  }
}
