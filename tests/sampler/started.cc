// SPDX-License-Identifier: MIT
#include "sampler/started.h"

#include <utility>

#include "sampler/profile_sums.h"
#include "support/catch.h"

namespace stacksampler {

std::shared_ptr<Sampler> StartSampler(const SamplerOptions& options) {
  auto started = Sampler::Start(options);
  INFO(started.status().message());
  REQUIRE(started.ok());
  return *started;
}

std::shared_ptr<Sampler> StartSeldom() {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  options.drain_interval = std::chrono::seconds(10);
  return StartSampler(options);
}

Profile TakeAll(Sampler* sampler) {
  ReaderOptions options;
  options.from_start = true;
  const ReaderId reader = sampler->OpenReader(options);
  auto window = sampler->Take(reader);
  sampler->CloseReader(reader);
  REQUIRE(window.ok());
  REQUIRE(window->profile.Validate().ok());
  CHECK(NothingLost(sampler->Stats()));
  return std::move(window->profile);
}

}  // namespace stacksampler
