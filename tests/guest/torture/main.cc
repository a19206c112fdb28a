// SPDX-License-Identifier: MIT
//
// Purpose: torture PROFILER SECONDS [PRELOAD]: runs the torture beside the profiler and prints one
//   line, VERDICT SAMPLES DETAIL. Exit code 0 when the process survived and no sample got lost.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "guest/torture/profilers.h"
#include "guest/torture/shared.h"
#include "guest/torture/supervisor.h"
#include "guest/torture/victim.h"

namespace stacksampler::torture {
namespace {

int BeVictim(int fd, const std::string& profiler) {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? 2 : RunVictim(profiler, static_cast<Shared*>(memory));
}

const char* Word(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kSurvived:
      return "survived";
    case Verdict::Kind::kHung:
      return "hung";
    case Verdict::Kind::kCrashed:
      return "crashed";
    default:
      return "failed";
  }
}

int Judge(const Options& options) {
  Verdict verdict = Torture(options);
  if (verdict.kind == Verdict::Kind::kSurvived &&
      verdict.delivered != verdict.recorded + verdict.dropped) {
    verdict.kind = Verdict::Kind::kComplained;
    verdict.detail = "samples were lost";
  }
  if (verdict.delivered == 0 && options.profiler.rfind("stacksampler", 0) == 0 &&
      verdict.kind == Verdict::Kind::kSurvived) {
    verdict.kind = Verdict::Kind::kComplained;
    verdict.detail = "no samples";
  }
  std::printf("%s turns=%llu delivered=%llu recorded=%llu dropped=%llu %s\n", Word(verdict.kind),
              static_cast<unsigned long long>(verdict.turns),
              static_cast<unsigned long long>(verdict.delivered),
              static_cast<unsigned long long>(verdict.recorded),
              static_cast<unsigned long long>(verdict.dropped), verdict.detail.c_str());
  return verdict.kind == Verdict::Kind::kSurvived ? 0 : 1;
}

}  // namespace
}  // namespace stacksampler::torture

int main(int argc, char** argv) {
  using namespace stacksampler::torture;
  if (argc == 4 && std::string(argv[1]) == "--victim") return BeVictim(std::atoi(argv[2]), argv[3]);
  if (argc < 3 || argc > 4) {
    std::fputs("usage: torture PROFILER SECONDS [PRELOAD]\n", stderr);
    return 2;
  }
  Options options;
  options.program = "/proc/self/exe";
  options.profiler = argv[1];
  options.duration = std::chrono::seconds(std::atoi(argv[2]));
  if (argc == 4) options.preload = argv[3];
  return Judge(options);
}
