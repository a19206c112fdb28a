// SPDX-License-Identifier: MIT
#include "times.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "generator.h"
#include "measure.h"
#include "stacksampler/pprof.h"
#include "store/profile_store.h"

namespace stacksampler::bench {
namespace {

constexpr int kProcesses = 10;
constexpr int kMinutes = 60;
constexpr int64_t kBucketNs = 20'000'000;
constexpr int64_t kPeriodNs = 5'000'000;

struct Kind {
  const char* name;
  int64_t burst;  // samples that share a bucket and a stack, at most; 0: no times
};

struct Window {
  Profile profile;  // with the times, as it travels
  std::vector<TimedSample> times;
};

int64_t WeightOf(const std::vector<TimedSample>& times) {
  int64_t weight = 0;
  for (const TimedSample& sample : times) weight += sample.weight;
  return weight;
}

Window MakeWindow(Profile drawn, int64_t start_ns, int64_t burst, std::mt19937_64* random) {
  Window window{std::move(drawn), {}};
  Profile& profile = window.profile;
  profile.period_ns = kPeriodNs;
  profile.start_ns = start_ns;
  profile.end_ns = start_ns + kMinute;
  if (burst == 0) return window;
  for (const Sample& sample : profile.samples()) {
    for (int64_t left = sample.weight; left > 0;) {
      const int64_t weight = std::min(burst, left);
      const auto bucket = static_cast<int64_t>((*random)() % (kMinute / kBucketNs));
      window.times.push_back(
          {start_ns + bucket * kBucketNs, sample.stack, sample.labels, weight, weight * kPeriodNs});
      left -= weight;
    }
  }
  profile.ClearSamples();
  for (const TimedSample& sample : window.times) profile.AddTimedSample(sample);
  return window;
}

class Hour {
 public:
  Hour(const std::string& db, const Kind& kind) : db_(db), kind_(kind) {
    store::WriterOptions options;  // one window, sealed when it is whole
    options.max_journal_bytes = options.min_journal_bytes = uint64_t{1} << 30;
    options.journal_grace = std::chrono::seconds(0);
    writer_ = Must(store::OpenWriter(db, options));
  }

  void Store() {
    for (int minute = 0; minute < kMinutes; ++minute) {
      for (int process = 0; process < kProcesses; ++process) Append(minute, process);
    }
    if (!writer_->Commit().ok()) Die("commit");
  }
  void Print() {
    const auto samples = static_cast<double>(weight_);
    const auto journal = static_cast<double>(BytesIn(db_)) / samples;
    if (!writer_->Seal().ok()) Die("seal");
    writer_.reset();
    std::printf("%-58s %6.2f in the journal, %.2f sealed, %.2f sent; append %.3f ms\n", kind_.name,
                journal, static_cast<double>(BytesIn(db_)) / samples,
                static_cast<double>(sent_) / samples, Median(appends_));
    if (kind_.burst != 0) PrintQuestion();
  }

 private:
  void Append(int minute, int process) {
    const auto start_ns = kBegin + minute * kMinute;
    Profile drawn = generator_.ProfileOf(generator_.Draw(static_cast<size_t>(process)));
    if (kind_.burst == 0) weight_ += drawn.TotalWeight();
    const Window window = MakeWindow(std::move(drawn), start_ns, kind_.burst, &random_);
    weight_ += WeightOf(window.times);
    sent_ += EncodePprof(window.profile).size();
    store::Record record;
    record.labels = {{"host", "h"}, {"port", std::to_string(process)}};
    record.window = {"run", static_cast<uint64_t>(minute + 1)};
    record.start_ns = start_ns;
    record.end_ns = start_ns + kMinute;
    record.profile = &window.profile;
    if (kind_.burst != 0) {
      record.times = &window.times;
      record.bucket_ns = kBucketNs;
    }
    appends_.push_back(
        Cost(CLOCK_THREAD_CPUTIME_ID, [&] { static_cast<void>(Must(writer_->Append(record))); }));
  }
  void PrintQuestion() const {
    const auto reader = Must(store::OpenReader(db_));
    store::SampleTimesQuery query;
    query.from_ns = kBegin + kMinutes / 2 * kMinute;
    query.until_ns = query.from_ns + 2 * kMinute;
    size_t timed = 0;
    const double ms = Cost(CLOCK_THREAD_CPUTIME_ID, [&] {
      timed = Must(reader->SampleTimesOf(query)).profile.timeline().size();
    });
    std::printf("  the times of two minutes: %zu, %.1f ms\n", timed, ms);
  }

  const std::string db_;
  const Kind kind_;
  Generator generator_;
  std::mt19937_64 random_{5};
  std::unique_ptr<store::StoreWriter> writer_;
  int64_t weight_ = 0;
  uint64_t sent_ = 0;
  std::vector<double> appends_;
};

}  // namespace

void PrintTimes(const std::string& dir) {
  std::printf("sample times, %d processes for an hour: bytes a sample, CPU of an append\n",
              kProcesses);
  for (const Kind& kind :
       {Kind{"  without", 0}, Kind{"  bursts of four", 4}, Kind{"  no two samples alike", 1}}) {
    Hour hour(dir + "-" + std::to_string(kind.burst), kind);
    hour.Store();
    hour.Print();
  }
}

}  // namespace stacksampler::bench
