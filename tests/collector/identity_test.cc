// SPDX-License-Identifier: MIT
//
// Whose samples they are says who asked for them, not who sent them.
#include <utility>

#include "collector_support.h"
#include "stacksampler/pprof.h"
#include "store/store_support.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// Three honest samples, and four that say to be somebody else's.
http::Response Forged() {
  Profile profile = Samples(3);
  const Labels labels = {{"host", "victim"}, {"port", "1"}, {"thread", "t"}};
  profile.AddSample(1, profile.InternLabels(labels), 4, 4 * profile.period_ns);
  http::Response response;
  response.body = EncodePprof(profile);
  response.headers = {{"X-Stacksampler-Instance", "ab12"}, {"X-Stacksampler-Window", "1"}};
  return response;
}

int64_t WeightOf(const std::string& dir, const std::vector<store::LabelMatch>& matches) {
  const auto reader = store::MustRead(dir);
  const auto extent = reader->StoredExtent();
  REQUIRE(extent.ok());
  const auto answer = reader->Merge({0, extent->last_ns, matches});
  REQUIRE(answer.ok());
  return answer->profile.TotalWeight();
}

TEST_CASE("Collector: samples that name another host are stored as their target's, and counted") {
  const auto server = Serve([](const http::Request&) { return Forged(); });
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path("db"), {});
  Collector collector({{"127.0.0.1", server->port()}}, writer.get(), {});
  std::string said;
  {
    const CapturedStderr log;
    REQUIRE(collector.RunOnce());
    said = log.Text();
  }
  CHECK(collector.counters().stored_weight == 7);
  CHECK(collector.counters().relabelled_weight == 4);
  CHECK(said.find("name a host or port of their own") != std::string::npos);
  CHECK(WeightOf(dir.path("db"), {{"host", "victim"}}) == 0);
  CHECK(WeightOf(dir.path("db"), {{"port", "1"}}) == 0);
  CHECK(WeightOf(dir.path("db"), {{"host", "127.0.0.1"}}) == 7);
  CHECK(WeightOf(dir.path("db"), {{"thread", "t"}}) == 4);
}

TEST_CASE("Collector: of a window that is there already no label is counted twice") {
  const auto server = Serve([](const http::Request&) { return Forged(); });
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path("db"), {});
  for (const uint64_t expected : {4, 0}) {
    CollectorCounters counters;
    PollOnce(server->port(), writer.get(), &counters);
    CHECK(counters.relabelled_weight == expected);
  }
}

}  // namespace
}  // namespace stacksampler::collector
