// SPDX-License-Identifier: MIT
//
// Two servers that each keep a part of the targets.
#include <atomic>
#include <set>
#include <thread>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse_server.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

using std::chrono::milliseconds;

ClickhouseOptions Impatient() {
  ClickhouseOptions options;
  options.writer.on_warning = [](const std::string&) {};
  options.sender.gather = milliseconds(10);
  options.sender.first_pause = milliseconds(5);
  options.sender.last_pause = milliseconds(20);
  return options;
}

Window WindowOf(uint64_t number) {
  return SmallWindow("host-" + std::to_string(number % 24), number,
                     kNoon + static_cast<int64_t>(number) * kSecond,
                     static_cast<int64_t>(number % 5 + 1));
}

std::string Name(const ClickhouseTestServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// Two servers of its own, to be killed, and an outbox before them.
struct TwoServers {
  ClickhouseTestServer first;
  ClickhouseTestServer second;
  ClickhouseUrl url;
  TempDir dir;

  TwoServers() {
    url.servers = {{"127.0.0.1", first.port()}, {"127.0.0.1", second.port()}};
    url.database = "profiles";
  }
  [[nodiscard]] std::unique_ptr<StoreWriter> Write() const {
    Result<std::unique_ptr<StoreWriter>> writer =
        OpenClickhouseWriter(url, dir.path("outbox"), Impatient());
    INFO(writer.status().message());
    REQUIRE(writer.ok());
    return *std::move(writer);
  }
  [[nodiscard]] std::unique_ptr<StoreReader> Read() const {
    Result<std::unique_ptr<StoreReader>> reader = OpenClickhouseReader(url);
    INFO(reader.status().message());
    REQUIRE(reader.ok());
    return *std::move(reader);
  }
};

}  // namespace

TEST_CASE("Shards: each target is on one server, and none on both") {
  const ClickhouseUrl url = NewDatabase(2);
  const TempDir dir;
  const auto writer = OpenClickhouseWriter(url, dir.path("outbox"), Impatient());
  REQUIRE(writer.ok());
  for (uint64_t number = 1; number <= 96; ++number) MustAppend(writer->get(), WindowOf(number));
  REQUIRE((*writer)->Seal().ok());
  std::set<std::string> hosts;
  uint64_t rows = 0;
  for (size_t place = 0; place < 2; ++place) {
    const ClickhouseTestServer& server = SharedServer(place);
    rows += std::stoull(server.Ask(url.database, "SELECT count() FROM samples"));
    const uint64_t targets =
        std::stoull(server.Ask(url.database, "SELECT uniqExact(target) FROM samples"));
    CHECK(targets > 0);
    const std::string listed = server.Ask(
        url.database, "SELECT DISTINCT label_values[1] FROM label_sets ORDER BY label_values[1]");
    size_t here = 0;
    for (size_t at = 0; at <= listed.size(); ++here) {
      const size_t end = std::min(listed.find('\n', at), listed.size());
      CHECK(hosts.insert(listed.substr(at, end - at)).second);
      at = end + 1;
    }
    CHECK(here == targets);
  }
  CHECK(hosts.size() == 24);
  CHECK(rows == 96);
}

TEST_CASE("Shards: a server that is down makes an answer an error, which names it") {
  TwoServers servers;
  {
    const auto writer = servers.Write();
    for (uint64_t number = 1; number <= 48; ++number) MustAppend(writer.get(), WindowOf(number));
    REQUIRE(writer->Seal().ok());
  }
  const auto reader = servers.Read();
  CHECK(reader->Merge({})->records == 48);
  for (ClickhouseTestServer* down : {&servers.first, &servers.second}) {
    down->Kill();
    for (const Status& status :
         {reader->Merge({}).status(), reader->StoredExtent().status(),
          reader->Volumes({kNoon, kNoon + kHour, {}, kHour}).status(),
          reader->Series(0, INT64_MAX).status(), OpenClickhouseReader(servers.url).status()}) {
      CHECK(status.code() == StatusCode::kUnavailable);
      CHECK(status.message().find(Name(*down)) != std::string::npos);
    }
    down->Start();
    CHECK(reader->Merge({})->records == 48);
  }
}

TEST_CASE("Shards: kill -9 of one while it is written and asked loses and doubles nothing") {
  TwoServers servers;
  const auto writer = servers.Write();
  std::atomic<bool> done{false};
  std::atomic<uint64_t> stored{0};
  std::thread ingest([&] {
    for (uint64_t number = 1; !done; ++number) {
      if (!writer->Append(WindowOf(number).record()).ok() || !writer->Commit().ok()) return;
      stored = number;
      std::this_thread::sleep_for(milliseconds(2));
    }
  });
  const auto reader = servers.Read();
  uint64_t seen = 0;
  for (int round = 0; round < 3; ++round) {
    const uint64_t before = stored;
    while (stored < before + 20) std::this_thread::sleep_for(milliseconds(1));
    servers.second.Kill();
    CHECK_FALSE(reader->Merge({}).ok());
    servers.second.Start();
    const Result<QueryResult> answer = reader->Merge({});
    INFO(answer.status().message());
    REQUIRE(answer.ok());
    CHECK(answer->records >= seen);  // a server that was killed kept what it had confirmed
    seen = answer->records;
  }
  done = true;
  ingest.join();
  while (!writer->Seal().ok()) std::this_thread::sleep_for(milliseconds(10));
  std::vector<Window> windows;
  for (uint64_t number = 1; number <= stored; ++number) windows.push_back(WindowOf(number));
  Query labelled;
  labelled.keep_labels = true;
  CheckAnswer(reader.get(), windows, labelled);
}

}  // namespace stacksampler::store
