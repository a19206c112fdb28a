// SPDX-License-Identifier: MIT
//
// Purpose: a plugin that links the sampler, for a host that knows nothing of it.
#include <memory>

#include "stacksampler/sampler.h"

namespace {

std::shared_ptr<stacksampler::Sampler>& Mine() {
  static std::shared_ptr<stacksampler::Sampler> sampler;
  return sampler;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) bool plugin_start() {
  stacksampler::SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  auto started = stacksampler::Sampler::Start(options);
  if (started.ok()) Mine() = *started;
  return started.ok();
}

extern "C" __attribute__((visibility("default"))) unsigned long plugin_delivered() {
  (void)Mine()->Take(Mine()->OpenReader());
  return Mine()->Stats().delivered_signals;
}

extern "C" __attribute__((visibility("default"))) bool plugin_stop() {
  const bool stopped = Mine()->Stop().ok();
  Mine().reset();
  return stopped;
}
