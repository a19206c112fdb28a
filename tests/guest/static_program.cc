// SPDX-License-Identifier: MIT
//
// Purpose: a program that is linked statically, samples itself and writes what it did:
//   static_program FOLDED PPROF. Exit code 0 when the stack of Outer and Inner is in it, from main.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "stacksampler/sampler.h"

namespace {

volatile unsigned sink = 0;

int Fail(const std::string& why) {
  std::fprintf(stderr, "static_program: %s\n", why.c_str());
  return 1;
}

}  // namespace

extern "C" __attribute__((noinline)) void Inner() {
  for (int i = 0; i < 100'000; ++i) sink = sink + 1;
}

extern "C" __attribute__((noinline)) void Outer() {
  Inner();
  sink = sink + 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return Fail("usage: static_program FOLDED PPROF");
  stacksampler::SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  const auto sampler = stacksampler::Sampler::Start(options);
  if (!sampler.ok()) return Fail(sampler.status().message());
  const auto reader = (*sampler)->OpenReader();
  // A slow or shared machine may need longer; it only must not be for ever.
  std::string folded;
  for (int i = 0; i < 1000 && folded.find("main;Outer;Inner ") == std::string::npos; ++i) {
    for (int j = 0; j < 100; ++j) Outer();
    const auto window = (*sampler)->Read(reader);
    if (!window.ok()) return Fail(window.status().message());
    folded = stacksampler::EncodeFolded(window->profile);
    std::ofstream(argv[1]) << folded;
    std::ofstream(argv[2]) << stacksampler::EncodePprof(window->profile);
  }
  if (folded.find("main;Outer;Inner ") == std::string::npos) return Fail("no stack: " + folded);
  const stacksampler::Status status = (*sampler)->Stop();
  return status.ok() ? 0 : Fail(status.message());
}
