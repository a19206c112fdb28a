// SPDX-License-Identifier: MIT
#include "questions.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>

#include "measure.h"
#include "profile/stack_tree.h"
#include "store/kept_listing.h"
#include "store/profile_store.h"
#include "visualizer/data_json.h"

namespace stacksampler::bench {
namespace {

constexpr size_t kQuestions = 300;

store::Query LastQuarter(int64_t minutes) {
  store::Query last;
  last.from_ns = kBegin + (minutes - 15) * kMinute + 1;
  last.until_ns = kBegin + minutes * kMinute;
  return last;
}

// The directory is listed with each question until it has been the same for some seconds: as it is
// but a few times in an hour.
void Settle(store::StoreReader* reader, const store::Query& query) {
  Must(reader->Merge(query));
  std::this_thread::sleep_for(store::KeptListing::kSettles);
  Must(reader->Merge(query));
}

void PrintQuery(const std::string& name, const std::string& dir, const store::Query& query) {
  std::unique_ptr<store::StoreReader> reader;
  Profile profile;
  const auto merge = [&] { profile = Must(reader->Merge(query)).profile; };
  const Costs cold = MedianCosts([&] {
    reader = Must(store::OpenReader(dir));
    merge();
  });
  Settle(reader.get(), query);
  const Costs warm = MedianCosts(merge);
  std::string json;
  const Costs to_json = MedianCosts([&] {
    const StackTree tree(profile, TreeUnit::kSamples, "");
    json = visualizer::DataJson(tree, visualizer::DataNodes(tree, 0), {});
  });
  std::printf("%-58s %10.2f ms new reader %8.2f warm %8.2f JSON of %.2f MB; CPU %.2f, %.2f, %.2f\n",
              name.c_str(), cold.wall_ms, warm.wall_ms, to_json.wall_ms,
              static_cast<double>(json.size()) / 1e6, cold.cpu_ms, warm.cpu_ms, to_json.cpu_ms);
}

std::vector<double> AskOften(store::StoreReader* reader, const store::Query& query) {
  std::vector<double> costs(kQuestions);
  for (double& cost : costs) {
    cost = Cost(CLOCK_MONOTONIC, [&] { Must(reader->Merge(query)); });
  }
  return costs;
}

}  // namespace

void PrintLastQuarter(const std::string& when, const std::string& dir, int64_t minutes) {
  PrintQuery("15 minutes, all processes, " + when, dir, LastQuarter(minutes));
}

void PrintQueries(const std::string& dir, int64_t minutes) {
  store::Query one = LastQuarter(minutes);
  one.matches = {{"host", "host-0", false}};
  PrintQuery("15 minutes, one process", dir, one);
  PrintQuery("all that is stored", dir, {});
  store::Query zone;
  zone.matches = {{"zone", "a", false}};
  PrintQuery("all that is stored, by a label that all have", dir, zone);
  zone.matches.push_back({"host", "host-0", true});
  PrintQuery("all that is stored, of all processes but one", dir, zone);
  store::Query odd;
  odd.from_ns = kBegin + 7 * kMinute;
  odd.until_ns = kBegin + (minutes - 3) * kMinute;
  PrintQuery("all but odd minutes at both ends", dir, odd);
}

std::vector<Recount> OddRanges(int64_t minutes) {
  const int64_t third = minutes / 3;
  return {{7, minutes - 3, {}}, {third + 1, third + 13, {}}, {third / 2 + 5, 2 * third + 1, 0}};
}

void CompareRecounts(const std::string& dir, const Generator& generator, Filler* filler) {
  const auto reader = Must(store::OpenReader(dir));
  for (Recount& recount : filler->recounts) {
    const auto answer = Must(reader->Merge(recount.query()));
    Check(answer.warnings.empty(), "no warnings");
    recount.Compare(generator, answer.profile);
  }
  filler->recounts.clear();
}

void PrintUnderIngest(const std::string& dir, int64_t minutes, size_t processes, Filler* filler) {
  const store::Query last = LastQuarter(minutes);
  const auto reader = Must(store::OpenReader(dir));
  Settle(reader.get(), last);
  PrintPercentiles("15 minutes, nobody writes", AskOften(reader.get(), last));
  filler->appends.clear();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int64_t minute = minutes + 1; !stop; ++minute) filler->Round(processes, minute);
  });
  const std::vector<double> costs = AskOften(reader.get(), last);
  stop = true;
  writer.join();
  PrintPercentiles("15 minutes, beside a writer without pause", costs);
  PrintPercentiles("append, while sealing and asked without pause", filler->appends);
  std::printf("%-58s %10zu windows\n", "  which took meanwhile", filler->appends.size());
}

}  // namespace stacksampler::bench
