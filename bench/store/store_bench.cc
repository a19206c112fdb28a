// SPDX-License-Identifier: MIT
//
// Purpose: what storing and asking costs, against the original's layout, on made-up windows.
//     store_bench [--quick | --ingest] [--processes N] [--days N | --minutes N] [--churn]
//   --quick stores 20 minutes and asserts bytes and sums, no times. --ingest only ingests: for
//   valgrind --tool=callgrind --toggle-collect='*MeasuredIngest*', whose counts no other load
//   changes.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>

#include "collector/shared_dictionary.h"
#include "generator.h"
#include "original_layout.h"
#include "profile/call_tree.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "store/profile_store.h"
#include "visualizer/data_json.h"

namespace stacksampler::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = 1440 * kMinute;
constexpr int64_t kBegin = 19'800 * kDay;
constexpr int kRuns = 9;
constexpr size_t kMeasuredPolls = 50;
constexpr size_t kLearnedPolls = 50;
constexpr size_t kIngestedProcesses = 10;
// A third of an hour has the dictionary and the totals of a whole one: an hour takes less a pair.
constexpr int kQuickMinutes = 20;
constexpr double kMaxQuickBytesPerPair = 1.75;

struct Settings {
  bool quick = false;
  bool only_ingest = false;
  bool churn = false;
  size_t processes = 100;
  int64_t minutes = 1440;
};

double Clock(clockid_t id) {
  timespec time = {};
  clock_gettime(id, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Milliseconds that `work` takes of `clock`.
double Cost(clockid_t clock, const std::function<void()>& work) {
  const double begin = Clock(clock);
  work();
  return Clock(clock) - begin;
}

double MedianCost(const std::function<void()>& work) {
  std::vector<double> times(kRuns);
  for (double& time : times) time = Cost(CLOCK_MONOTONIC, work);
  std::sort(times.begin(), times.end());
  return times[kRuns / 2];
}

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "store_bench: %s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) Die(result.status().message());
  return *std::move(result);
}

uint64_t BytesIn(const std::string& dir) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) bytes += entry.file_size();
  return bytes;
}

long PeakKib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) Die("no temporary directory");
    path_ = name;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Our store while it is filled, and what that cost.
class Filler {
 public:
  Filler(const std::string& dir, Generator* generator) : generator_(*generator) {
    store::WriterOptions options;
    options.journal_grace = std::chrono::seconds(0);
    writer_ = Must(store::OpenWriter(dir, options));
  }

  void Round(size_t processes, int64_t minute) {
    for (size_t process = 0; process < processes; ++process) {
      const Draws draws = generator_.Draw(process);
      Append(process, minute, generator_.ProfileOf(draws));
      pairs += draws.size();
      for (const auto& [stack, draw] : draws) weight += draw;
    }
    if (!writer_->Commit().ok()) Die("commit failed");
  }

  static store::Record RecordOf(size_t process, int64_t minute) {
    store::Record record;
    record.labels = {{"host", "host-" + std::to_string(process)}, {"zone", "a"}};
    record.start_ns = kBegin + (minute - 1) * kMinute;
    record.end_ns = kBegin + minute * kMinute;
    return record;
  }

  void Append(size_t process, int64_t minute, const Profile& profile) {
    store::Record record = RecordOf(process, minute);
    record.profile = &profile;
    appends.push_back(Cost(CLOCK_MONOTONIC, [&] { Must(writer_->Append(record)); }));
  }

  void Seal() {
    if (Status status = writer_->Seal(); !status.ok()) Die(status.message());
  }

  [[nodiscard]] store::StoreWriter* writer() { return writer_.get(); }

  uint64_t pairs = 0;
  int64_t weight = 0;
  std::vector<double> appends;  // ms each

 private:
  Generator& generator_;
  std::unique_ptr<store::StoreWriter> writer_;
};

void PrintCalibration() {
  volatile uint64_t sink = 1;
  const double ms = MedianCost([&] {
    uint64_t hash = sink;
    for (uint64_t i = 0; i < 10'000'000; ++i) hash = (hash ^ i) * 0x9e3779b97f4a7c15;
    sink = hash;
  });
  std::printf("%-58s %10.2f ms\n", "calibration: 10 M dependent multiplications", ms);
}

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

// `original_ms`: what a poll costs in the original's layout, 0 when that was not measured.
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

void PrintQuery(const char* name, const std::string& dir, const store::Query& query) {
  std::unique_ptr<store::StoreReader> reader;
  Profile profile;
  const auto merge = [&] { profile = Must(reader->Merge(query)).profile; };
  const double cold = MedianCost([&] {
    reader = Must(store::OpenReader(dir));
    merge();
  });
  const double warm = MedianCost(merge);
  std::string json;
  const double to_json = MedianCost([&] {
    const CallTree tree = BuildCallTree(profile, {TreeUnit::kSamples, SiblingOrder::kByName, ""});
    json = visualizer::DataJson(tree, 0, {});
  });
  std::printf("%-58s %10.2f ms new reader %8.2f warm %8.2f JSON of %.2f MB\n", name, cold, warm,
              to_json, static_cast<double>(json.size()) / 1e6);
}

// The original's layout after `polls` windows of one process: milliseconds a poll.
double PrintOriginal(const TempDir& dir, size_t polls) {
  Generator generator;
  const std::string path = dir.path("original.gdbm");
  std::vector<double> costs;
  for (size_t i = 0; i < polls; ++i) {
    const Draws draws = generator.Draw(0);
    costs.push_back(Cost(CLOCK_THREAD_CPUTIME_ID, [&] {
      SaveOriginal(path, generator, draws, 0, static_cast<int64_t>(i) * 60);
    }));
  }
  std::sort(costs.end() - static_cast<long>(std::min(polls, kMeasuredPolls)), costs.end());
  const double late = costs[polls - std::min(polls, kMeasuredPolls) / 2 - 1];
  const double query = MedianCost([&] { SumOriginal(path, 0, INT64_MAX); });
  std::printf(
      "original's layout, 1 process, after %zu polls: %10.2f ms CPU a poll, %.2f MB, "
      "%.1f ms any query\n",
      polls, late, static_cast<double>(std::filesystem::file_size(path)) / 1e6, query);
  return late;
}

void PrintAppends(std::vector<double> appends) {
  std::sort(appends.begin(), appends.end());
  std::printf("%-58s %10.3f ms p50 %8.3f p99 %8.3f longest\n",
              "append while sealing and summing up", appends[appends.size() / 2],
              appends[appends.size() * 99 / 100], appends.back());
}

void PrintQueries(const std::string& dir, int64_t minutes) {
  store::Query last;
  last.from_ns = kBegin + (minutes - 15) * kMinute + 1;
  last.until_ns = kBegin + minutes * kMinute;
  PrintQuery("15 minutes, all processes", dir, last);
  store::Query one = last;
  one.matches = {{"host", "host-0", false}};
  PrintQuery("15 minutes, one process", dir, one);
  PrintQuery("all that is stored", dir, {});
  store::Query zone;
  zone.matches = {{"zone", "a", false}};
  PrintQuery("all that is stored, by a label that all have", dir, zone);
  store::Query odd;
  odd.from_ns = kBegin + 7 * kMinute;
  odd.until_ns = last.until_ns - 3 * kMinute;
  PrintQuery("all but odd minutes at both ends", dir, odd);
}

void Check(bool holds, const std::string& what) {
  if (!holds) Die("does not hold: " + what);
}

void Run(const Settings& settings) {
  const TempDir dir;
  const std::string db = dir.path("db");
  Generator generator;
  Filler filler(db, &generator);
  if (settings.only_ingest) return PrintIngest("empty store", &filler, &generator, 0, 0);
  double original_ms = 0;
  if (!settings.quick) {
    PrintCalibration();
    original_ms =
        PrintOriginal(dir, static_cast<size_t>(std::min<int64_t>(settings.minutes, 1440)));
    PrintIngest("empty store", &filler, &generator, 0, original_ms);
    filler.Seal();
  }
  const uint64_t before = BytesIn(db);
  filler.appends.clear();
  for (int64_t minute = 1; minute <= settings.minutes; ++minute) {
    if (settings.churn && minute % 1440 == 0) generator.Deploy();
    filler.Round(settings.processes, minute);
  }
  filler.Seal();
  const uint64_t bytes = BytesIn(db) - before;
  const double per_pair = static_cast<double>(bytes) / static_cast<double>(filler.pairs);
  std::printf("%zu processes, %lld minutes: %.1f M pairs in %.2f MB: %.3f bytes a pair\n",
              settings.processes, static_cast<long long>(settings.minutes),
              static_cast<double>(filler.pairs) / 1e6, static_cast<double>(bytes) / 1e6, per_pair);
  if (settings.quick) {
    Check(per_pair <= kMaxQuickBytesPerPair, "at most 1.75 bytes a pair");
    store::Query all;
    const auto answer = Must(Must(store::OpenReader(db))->Merge(all));
    Check(answer.profile.TotalWeight() == filler.weight, "the sum of all weights");
    Check(answer.warnings.empty(), "no warnings");
    return;
  }
  PrintAppends(filler.appends);
  PrintQueries(db, settings.minutes);
  PrintIngest("full store", &filler, &generator, settings.minutes, original_ms);
  std::printf("%-58s %10.1f MiB\n", "peak memory of writer, readers and bench",
              static_cast<double>(PeakKib()) / 1024);
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
      settings.minutes = value * 1440, ++i;
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
