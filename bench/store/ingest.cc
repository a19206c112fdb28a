// SPDX-License-Identifier: MIT
#include "ingest.h"

#include <cstdio>
#include <memory>
#include <string>

#include "collector/shared_dictionary.h"
#include "measure.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler::bench {
namespace {

constexpr size_t kMeasuredPolls = 50;
constexpr size_t kLearnedPolls = 50;
constexpr size_t kIngestedProcesses = 10;

// One window as the collector takes it: decoded among the words of all targets, and appended.
void Ingest(const std::string& body, bool folded, size_t process, int64_t minute, Filler* filler) {
  static collector::SharedDictionary dictionary(std::make_shared<collector::Redactor>());
  FoldedReport report;
  collector::SharedSamples samples =
      folded ? dictionary.DecodeFolded(body, &report) : Must(dictionary.DecodePprof(body));
  const store::Record record = Filler::RecordOf(process, minute);
  samples.start_ns = record.start_ns;
  samples.end_ns = record.end_ns;
  Must(dictionary.Append(samples, record, filler->writer()));
}

__attribute__((noinline)) void MeasuredIngest(const std::string& body, bool folded, size_t process,
                                              int64_t minute, Filler* filler) {
  Ingest(body, folded, process, minute, filler);
}

// Of a window when many others came before it, thread CPU.
double IngestCost(Filler* filler, Generator* generator, int64_t minute, bool folded) {
  const auto body_of = [&](size_t poll) {
    const Draws draws = generator->Draw(poll % kIngestedProcesses);
    return folded ? generator->FoldedOf(draws) : EncodePprof(generator->ProfileOf(draws));
  };
  for (size_t i = 0; i < kLearnedPolls; ++i) Ingest(body_of(i), folded, 0, minute, filler);
  double ms = 0;
  for (size_t i = 0; i < kMeasuredPolls; ++i) {
    const std::string body = body_of(i);  // in the cache, as a socket leaves it
    ms += Cost(CLOCK_THREAD_CPUTIME_ID,
               [&] { MeasuredIngest(body, folded, i % kIngestedProcesses, minute, filler); });
  }
  return ms / static_cast<double>(kMeasuredPolls);
}

}  // namespace

void PrintIngest(const char* when, Filler* filler, Generator* generator, int64_t minute,
                 double original_ms) {
  const double folded = IngestCost(filler, generator, minute, true);
  const double pprof = IngestCost(filler, generator, minute, false);
  std::printf("ingest, %-50s %10.3f ms CPU a poll of folded text, %.3f of pprof\n", when, folded,
              pprof);
  if (original_ms == 0) return;
  std::printf("%-58s %10.0f times of folded text, %.0f of pprof\n",
              "  the original's layout takes for the same", original_ms / folded,
              original_ms / pprof);
}

}  // namespace stacksampler::bench
