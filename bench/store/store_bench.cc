// SPDX-License-Identifier: MIT
//
// Purpose: what storing and asking costs, against the original's layout, on made-up windows.
//     store_bench [--quick | --ingest] [--processes N] [--days N | --minutes N] [--churn]
//   --quick stores 20 minutes and asserts bytes and sums, no times. --ingest only ingests: for
//   valgrind --tool=callgrind --toggle-collect='*MeasuredIngest*', whose counts no other load
//   changes.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "filler.h"
#include "generator.h"
#include "ingest.h"
#include "legacy.h"
#include "measure.h"
#include "questions.h"
#include "times.h"

namespace stacksampler::bench {
namespace {

// A third of an hour has the dictionary and the totals of a whole one: an hour takes less a pair.
constexpr int kQuickMinutes = 20;
constexpr double kMaxQuickBytesPerPair = 1.5;

struct Settings {
  bool quick = false;
  bool only_ingest = false;
  bool churn = false;
  size_t processes = 100;
  int64_t minutes = kMinutesOfDay;
};

double PrintDisk(const Settings& settings, int64_t minutes, uint64_t bytes, const Filler& filler) {
  const auto pairs = static_cast<double>(filler.pairs);
  const double per_pair = static_cast<double>(bytes) / pairs;
  std::printf("%zu processes, %lld minutes: %.1f M pairs in %.2f MB: %.3f bytes a pair\n",
              settings.processes, static_cast<long long>(minutes), pairs / 1e6,
              static_cast<double>(bytes) / 1e6, per_pair);
  return per_pair;
}

// The first day has figures of its own: a month's are to be compared with them.
void Fill(const Settings& settings, const std::string& db, uint64_t bytes_before,
          Generator* generator, Filler* filler) {
  filler->recounts = OddRanges(settings.minutes);
  for (int64_t minute = 1; minute <= settings.minutes; ++minute) {
    if (settings.churn && minute % kMinutesOfDay == 0) filler->Deploy();
    filler->Round(settings.processes, minute);
    if (minute != kMinutesOfDay || minute == settings.minutes) continue;
    filler->Seal();
    PrintDisk(settings, minute, BytesIn(db) - bytes_before, *filler);
    PrintLastQuarter("of one day", db, minute);
  }
  filler->Seal();
  CompareRecounts(db, *generator, filler);
}

// What everything else is compared with: milliseconds a poll.
double Original(const Settings& settings, const TempDir& dir) {
  const std::string original = dir.path("original.gdbm");
  const auto polls = static_cast<size_t>(std::min(settings.minutes, kMinutesOfDay));
  const double ms = PrintOriginal(original, polls);
  PrintImportAndExport(original, dir.path("imported"), dir.path("exported.gdbm"));
  return ms;
}

void RunQuick(const Settings& settings, const std::string& db) {
  Generator generator;
  Filler filler(db, &generator);
  const uint64_t before = BytesIn(db);
  Fill(settings, db, before, &generator, &filler);
  const double per_pair = PrintDisk(settings, settings.minutes, BytesIn(db) - before, filler);
  Check(per_pair <= kMaxQuickBytesPerPair, "at most 1.5 bytes a pair");
  const auto answer = Must(Must(store::OpenReader(db))->Merge({}));
  Check(answer.profile.TotalWeight() == filler.weight, "the sum of all weights");
  Check(answer.warnings.empty(), "no warnings");
}

void RunWhole(const Settings& settings, const TempDir& dir, const std::string& db) {
  PrintCalibration();
  const double original_ms = Original(settings, dir);
  Generator generator;
  Filler filler(db, &generator);
  PrintIngest("empty store", &filler, &generator, 0, original_ms);
  filler.Seal();
  const uint64_t before = BytesIn(db);
  Fill(settings, db, before, &generator, &filler);
  PrintDisk(settings, settings.minutes, BytesIn(db) - before, filler);
  PrintPercentiles("append while sealing and summing up", filler.appends);
  PrintLastQuarter("of all", db, settings.minutes);
  PrintQueries(db, settings.minutes);
  PrintUnderIngest(db, settings.minutes, settings.processes, &filler);
  PrintIngest("full store", &filler, &generator, settings.minutes, original_ms);
  PrintTimes(dir.path("times"));
  std::printf("%-58s %10.1f MiB\n", "peak memory of writer, readers and bench", PeakMegabytes());
}

void Run(const Settings& settings) {
  const TempDir dir;
  const std::string db = dir.path("db");
  if (settings.quick) return RunQuick(settings, db);
  if (!settings.only_ingest) return RunWhole(settings, dir, db);
  Generator generator;
  Filler filler(db, &generator);
  PrintIngest("empty store", &filler, &generator, 0, 0);
}

Settings Parse(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const long long value = i + 1 < argc ? std::atoll(argv[i + 1]) : 0;
    if (word == "--quick") {
      settings.quick = true;
      settings.minutes = kQuickMinutes;
    } else if (word == "--ingest") {
      settings.only_ingest = true;
    } else if (word == "--churn") {
      settings.churn = true;
    } else if (word == "--processes" && value > 0) {
      settings.processes = static_cast<size_t>(value), ++i;
    } else if (word == "--days" && value > 0) {
      settings.minutes = value * kMinutesOfDay, ++i;
    } else if (word == "--minutes" && value > 15) {
      settings.minutes = value, ++i;
    } else {
      Die("usage: store_bench [--quick | --ingest] [--processes N] [--days N | --minutes N] "
          "[--churn]");
    }
  }
  return settings;
}

}  // namespace
}  // namespace stacksampler::bench

int main(int argc, char** argv) {
  using namespace stacksampler::bench;
  Run(Parse(argc, argv));
  return 0;
}
