// SPDX-License-Identifier: MIT
//
// Many targets polled at once: in which order their windows come to the store.
#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "collector/collector.h"
#include "http/server.h"
#include "stacksampler/pprof.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

class EndsWriter : public store::StoreWriter {
 public:
  [[nodiscard]] const std::string& id() const override { return id_; }
  Result<bool> Append(const store::Record& record) override {
    ends.push_back(record.end_ns);
    lengths.push_back(record.end_ns - record.start_ns);
    return true;
  }
  Status Commit() override { return Status::Ok(); }
  [[nodiscard]] std::vector<store::WindowRef> LastWindows(const Labels&) const override {
    return {};
  }
  Status Seal() override { return Status::Ok(); }

  std::vector<int64_t> ends;
  std::vector<int64_t> lengths;

 private:
  std::string id_ = "0123456789abcdef";
};

// So many stacks that pollers wait for each other where answers are decoded.
std::string Window() {
  Profile profile;
  profile.period_ns = 10'000'000;
  profile.start_ns = 1'000'000'000;
  profile.end_ns = 3'000'000'000;
  for (int i = 0; i < 300; ++i) {
    const StackId stack = profile.InternStack(0, profile.InternFrame("f" + std::to_string(i)));
    profile.AddSample(stack, 0, 1, profile.period_ns);
  }
  return EncodePprof(profile);
}

}  // namespace

TEST_CASE(
    "Collector: windows come to the store in the order of their ends, whoever answers first") {
  constexpr size_t kTargets = 250;
  constexpr int kRounds = 4;
  http::ServerOptions options;
  options.host = "0.0.0.0";
  options.workers = 8;
  options.max_connections = options.max_connections_per_address = kTargets;
  std::atomic<uint64_t> id{0};
  const auto server = http::Server::Listen(options, [&, body = Window()](const auto&) {
    http::Response response;
    response.body = body;
    response.headers = {{"X-Stacksampler-Instance", "beef"},
                        {"X-Stacksampler-Window", std::to_string(++id)}};
    return response;
  });
  REQUIRE(server.ok());
  std::vector<Target> targets;
  for (size_t i = 1; i <= kTargets; ++i) {
    targets.push_back({"127.0.0." + std::to_string(i), (*server)->port()});
  }
  EndsWriter writer;
  const CapturedStderr quiet;  // a line for each target
  for (int round = 0; round < kRounds; ++round) Collector(targets, &writer, {}).RunOnce();
  CHECK(writer.ends.size() == kRounds * kTargets);
  CHECK(std::is_sorted(writer.ends.begin(), writer.ends.end()));
  CHECK(std::count(writer.lengths.begin(), writer.lengths.end(), 2'000'000'000) ==
        static_cast<std::ptrdiff_t>(writer.lengths.size()));
}

}  // namespace stacksampler::collector
