// SPDX-License-Identifier: MIT
// Somebody's service with our endpoint in it: tells the port, works a little, and waits for its
// end. `gauntlet_service [TOKEN_FILE | CERTIFICATE KEY]`: with the last two it speaks TLS.
#include <stacksampler/stacksampler.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  stacksampler::ProfilerOptions options;
  options.port = 0;
  if (argc == 2) options.token_file = argv[1];
  if (argc == 3) {
    options.tls_cert_file = argv[1];
    options.tls_key_file = argv[2];
  }
  if (!stacksampler::run_profiler(options).ok()) return 1;
  volatile uint64_t sink = 0;
  while (stacksampler::Sampler::Running()->Stats().delivered_weight < 10) {
    for (int i = 0; i < 100'000; ++i) sink = sink + static_cast<uint64_t>(i);
  }
  std::printf("%d\n", stacksampler::profiler_port());
  std::fflush(stdout);
  pause();
}
