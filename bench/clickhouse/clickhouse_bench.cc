// SPDX-License-Identifier: MIT
//
// Purpose: what a store on ClickHouse costs: ingest, disk, and queries of 15 minutes and 30 days
//   over many processes that are polled once a minute.
//     clickhouse_bench clickhouse://host:port/database OUTBOX [PROCESSES [HOURS]]
// Shapes: 2,000 C++-like stacks of about 31 frames, 620 draws a window, Zipf; the same in each run.
//   HOURS (24) are written and summed up; 28 more days of sums are copies of the first day's, which
//   SQL makes, and the 30th day has copies of the samples, too.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse/connection.h"
#include "store/clickhouse/roller.h"

namespace stacksampler::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMinuteNs = int64_t{60} * 1'000'000'000;
constexpr int64_t kBeginNs = 19'800 * kDayNs;
constexpr size_t kStacks = 2000;
constexpr int kDraws = 620;
constexpr int kRounds = 11;

[[noreturn]] void Die(const Status& status) {
  std::fprintf(stderr, "clickhouse_bench: %s\n", status.message().c_str());
  std::exit(1);
}

void Must(const Status& status) {
  if (!status.ok()) Die(status);
}

double Milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Stacks share their roots, as those of a program do.
class Load {
 public:
  Load() {
    std::vector<StackId> nodes = {0};
    for (size_t i = 0; i < kStacks; ++i) {
      StackId stack = nodes[random_() % nodes.size()];
      size_t depth = dictionary_.StackFrames(stack).size();
      for (const size_t until = depth + 4 + random_() % 12; depth < until && depth < 60; ++depth) {
        stack = dictionary_.InternStack(
            stack,
            dictionary_.InternFrame("service::detail::Handler<std::pair<int, long> >::step_" +
                                    std::to_string(random_() % 1500) + "(anonymous)"));
        if (depth < 31) nodes.push_back(stack);
      }
      stacks_.push_back(stack);
      const double weight = 1.0 / static_cast<double>(i + 1) + (i > 0 ? sums_.back() : 0.0);
      sums_.push_back(weight);
    }
  }

  Profile Window() {
    std::map<StackId, int64_t> weights;
    std::uniform_real_distribution<double> uniform(0, sums_.back());
    for (int i = 0; i < kDraws; ++i) {
      const auto at = std::lower_bound(sums_.begin(), sums_.end(), uniform(random_));
      ++weights[stacks_[static_cast<size_t>(at - sums_.begin())]];
    }
    Profile profile;
    profile.period_ns = 10'000'000;
    for (const auto& [stack, weight] : weights) {
      StackId copy = 0;
      for (const FrameId frame : dictionary_.StackFrames(stack)) {
        copy = profile.InternStack(copy, profile.InternFrame(dictionary_.FrameName(frame)));
      }
      profile.AddSample(copy, 0, weight, weight * profile.period_ns);
      ++cells_;
    }
    return profile;
  }

  [[nodiscard]] uint64_t cells() const { return cells_; }

 private:
  std::mt19937_64 random_{42};
  Profile dictionary_;
  std::vector<StackId> stacks_;
  std::vector<double> sums_;
  uint64_t cells_ = 0;
};

Labels TargetOf(int process) {
  return {{"host", "web-" + std::to_string(process)}, {"port", "16384"}};
}

void Ingest(const ClickhouseUrl& url, const std::string& outbox, int processes, int hours) {
  Load load;
  // One minute's windows of all processes, again and again: what is measured is the store.
  std::vector<Profile> round;
  for (int i = 0; i < processes; ++i) round.push_back(load.Window());
  const uint64_t cells = load.cells() * static_cast<uint64_t>(hours) * 60;
  ClickhouseOptions options;
  options.sender.roll_every = std::chrono::hours(24);
  auto writer = OpenClickhouseWriter(url, outbox, options);
  if (!writer.ok()) Die(writer.status());
  const auto begin = Clock::now();
  const double cpu = CpuSeconds();
  for (int minute = 1; minute <= hours * 60; ++minute) {
    const int64_t end_ns = kBeginNs + minute * kMinuteNs;
    for (int i = 0; i < processes; ++i) {
      const auto at = static_cast<size_t>((i + minute) % processes);
      const Record record{TargetOf(i),
                          {"run", static_cast<uint64_t>(minute)},
                          end_ns - kMinuteNs,
                          end_ns,
                          &round[at]};
      if (const auto added = (*writer)->Append(record); !added.ok()) Die(added.status());
    }
    Must((*writer)->Commit());
  }
  Must((*writer)->Seal());
  const double seconds = Milliseconds(Clock::now() - begin) / 1000;
  const double windows = static_cast<double>(processes) * hours * 60;
  std::printf(
      "ingest        %8.0f windows/s (%.0f windows, %.1f million cells in %.1f s), "
      "%.3f ms of the collector's CPU a window\n",
      windows / seconds, windows, static_cast<double>(cells) / 1e6, seconds,
      (CpuSeconds() - cpu) * 1000 / windows);
}

void RollUp(const ClickhouseUrl& url) {
  const auto begin = Clock::now();
  for (size_t place = 0; place < url.servers.size(); ++place) {
    const Connection connection(url, place);
    Roller roller(connection, [](const std::string&) {});
    Must(roller.Learn());
    Must(roller.RollUp(INT64_MAX));
  }
  std::printf("sums of hours and the day %.1f s\n", Milliseconds(Clock::now() - begin) / 1000);
}

void CopyDays(const ClickhouseUrl& url) {
  for (size_t place = 0; place < url.servers.size(); ++place) {
    const Connection connection(url, place);
    for (int day = 1; day < 30; ++day) {
      const std::string shift = std::to_string(day);
      Must(connection.Run(
          "INSERT INTO tiles SELECT tier, bucket + if(tier = 1, 24, 1) * " + shift +
          ", version, whole, series, period_ns, start_ns, end_ns, windows, arrayMap(key -> key + " +
          shift +
          ", window_keys), weight, "
          "stack_ids, weights FROM tiles WHERE bucket IN (SELECT bucket FROM rolled WHERE tier = 2 "
          "AND bucket = 19800 UNION ALL SELECT bucket FROM rolled WHERE tier = 1 AND "
          "intDiv(bucket, 24) = 19800)"));
      Must(connection.Run("INSERT INTO rolled SELECT tier, bucket + if(tier = 1, 24, 1) * " +
                          shift +
                          ", version, valid, rows FROM rolled WHERE if(tier = 1, "
                          "intDiv(bucket, 24), bucket) = 19800"));
    }
    Must(connection.Run(
        "INSERT INTO samples SELECT end_ns + 29 * toInt64(86400000000000), series, window_key + 1, "
        "start_ns, period_ns, collector, target, instance, window_id, weight, stack_ids, weights "
        "FROM samples WHERE end_ns <= " +
        std::to_string(kBeginNs + kDayNs)));
  }
}

void Ask(const ClickhouseUrl& url, const char* what, const Query& query) {
  std::vector<double> times;
  double first = 0;
  uint64_t records = 0;
  size_t stacks = 0;
  auto reader = OpenClickhouseReader(url);
  if (!reader.ok()) Die(reader.status());
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    const auto answer = (*reader)->Merge(query);
    if (!answer.ok()) Die(answer.status());
    times.push_back(Milliseconds(Clock::now() - begin));
    if (round == 0) first = times[0];
    records = answer->records;
    stacks = answer->profile.samples().size();
  }
  std::sort(times.begin(), times.end());
  std::printf("%-34s first %7.1f ms, then least %7.1f, median %7.1f ms (%" PRIu64
              " windows, %zu stacks)\n",
              what, first, times[0], times[kRounds / 2], records, stacks);
}

// What a question costs that has nothing to say: the machine and its load, beside the figures.
void Calibrate(const ClickhouseUrl& url) {
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    Must(Connection(url, 0).Select("SELECT 1").status());
    times.push_back(Milliseconds(Clock::now() - begin));
  }
  std::sort(times.begin(), times.end());
  std::printf("%-34s least %7.1f, median %7.1f ms\n", "SELECT 1, to compare", times[0],
              times[kRounds / 2]);
}

void Disk(const ClickhouseUrl& url, const char* table) {
  uint64_t bytes = 0;
  for (size_t place = 0; place < url.servers.size(); ++place) {
    const auto row = Connection(url, place)
                         .Select(
                             "SELECT toUInt64(sum(bytes_on_disk)) FROM system.parts WHERE "
                             "database = currentDatabase() AND active AND table = '" +
                             std::string(table) + "'");
    if (!row.ok()) Die(row.status());
    for (size_t i = 0; i < row->size(); ++i) {
      bytes += static_cast<uint64_t>(static_cast<unsigned char>((*row)[i])) << (8 * i);
    }
  }
  std::printf("disk of %-10s %.1f MB\n", table, static_cast<double>(bytes) / 1e6);
}

int Measure(const std::string& text, const std::string& outbox, int processes, int hours) {
  const auto url = ParseClickhouseUrl(text);
  if (!url.ok()) Die(url.status());
  Ingest(*url, outbox, processes, hours);
  for (const char* table : {"samples", "stacks", "frames", "label_sets"}) Disk(*url, table);
  RollUp(*url);
  Disk(*url, "tiles");
  Calibrate(*url);
  Query query;
  query.until_ns = kBeginNs + (hours - 1) * kHourNs + 30 * kMinuteNs;
  query.from_ns = query.until_ns - 15 * kMinuteNs + 1;
  Ask(*url, "15 minutes, all", query);
  query.matches = {{"host", "web-1"}};
  Ask(*url, "15 minutes, one process", query);
  if (hours < 24) return 0;
  CopyDays(*url);
  query.matches.clear();
  query.from_ns = kBeginNs + 1;
  query.until_ns = kBeginNs + 30 * kDayNs;
  Ask(*url, "30 days, all", query);
  query.matches = {{"host", "web-1"}};
  Ask(*url, "30 days, one process", query);
  query.matches = {{"port", "16384"}};
  Ask(*url, "30 days, a label of all processes", query);
  query.matches.clear();
  query.from_ns += 7 * kMinuteNs;
  query.until_ns -= 7 * kMinuteNs;
  Ask(*url, "30 days but 7 minutes at each end", query);
  return 0;
}

}  // namespace
}  // namespace stacksampler::store

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: clickhouse_bench URL OUTBOX [PROCESSES [HOURS]]\n");
    return 2;
  }
  return stacksampler::store::Measure(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 100,
                                      argc > 4 ? std::atoi(argv[4]) : 24);
}
