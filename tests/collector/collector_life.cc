// SPDX-License-Identifier: MIT
// A collector that polls more often than the program lets one, until it is killed:
//   collector_life STORE INTERVAL_MS PORT...
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "collector/collector.h"
#include "store/profile_store.h"

int main(int argc, char** argv) {
  using namespace stacksampler;
  constexpr int kFirstPort = 3;
  store::WriterOptions store_options;
  // So short that kills meet seals.
  store_options.segment_ns = 1'000'000'000;
  store_options.min_journal_bytes = 0;
  auto writer = store::OpenWriter(argv[1], store_options);
  if (!writer.ok()) {
    std::fprintf(stderr, "%s\n", writer.status().message().c_str());
    return 1;
  }
  collector::CollectorOptions options;
  options.interval = std::chrono::milliseconds(std::atoi(argv[2]));
  std::vector<collector::Target> targets;
  for (int i = kFirstPort; i < argc; ++i) {
    targets.push_back({"127.0.0.1", static_cast<uint16_t>(std::atoi(argv[i]))});
  }
  collector::Collector(targets, writer->get(), options).Run();
  return 1;  // it is killed, never asked to stop
}
