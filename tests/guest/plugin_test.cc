// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include <csignal>
#include <fstream>
#include <string>

#include "support/catch.h"

namespace stacksampler {
namespace {

volatile unsigned sink = 0;

class Plugin {
 public:
  Plugin() : library_(dlopen(STACKSAMPLER_SAMPLING_PLUGIN, RTLD_NOW | RTLD_LOCAL)) {
    INFO(dlerror());
    REQUIRE(library_ != nullptr);
  }
  ~Plugin() { dlclose(library_); }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  template <typename Answer>
  Answer Call(const char* name) const {
    const auto function = reinterpret_cast<Answer (*)()>(dlsym(library_, name));
    REQUIRE(function != nullptr);
    return function();
  }

 private:
  void* const library_;
};

bool IsMapped(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(name) != std::string::npos) return true;
  }
  return false;
}

bool BurnUntilSampled(const Plugin& plugin) {
  for (int i = 0; i < 100'000; ++i) {
    for (int j = 0; j < 1'000'000; ++j) sink = sink + 1;
    if (plugin.Call<unsigned long>("plugin_delivered") > 10) return true;
  }
  return false;
}

TEST_CASE("Plugin: may bring the sampler into a host, stop it, go and come again") {
  for (int i = 0; i < 5; ++i) {
    const Plugin plugin;
    REQUIRE(plugin.Call<bool>("plugin_start"));
    CHECK(BurnUntilSampled(plugin));
    CHECK(plugin.Call<bool>("plugin_stop"));
  }
  struct sigaction now {};
  sigaction(SIGPROF, nullptr, &now);
  CHECK(now.sa_handler == SIG_DFL);
}

// What it owns goes with it, destructors and all; the sampler's own code stays.
TEST_CASE("Plugin: one that goes without a stop leaves a host that lives") {
  for (int i = 0; i < 5; ++i) {
    const Plugin plugin;
    REQUIRE(plugin.Call<bool>("plugin_start"));
    CHECK(BurnUntilSampled(plugin));
  }
  CHECK_FALSE(IsMapped("sampling_plugin"));
  CHECK(IsMapped("libstacksampler_core"));
  for (int j = 0; j < 100'000'000; ++j) sink = sink + 1;
}

}  // namespace
}  // namespace stacksampler
