// SPDX-License-Identifier: MIT
//
// Tables, rights, and what is said when they are not as they should be.
#include "store/clickhouse/schema.h"

#include <thread>
#include <vector>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse_server.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

void StoreOne(const ClickhouseUrl& url, const std::string& outbox, const Window& window) {
  const auto writer = OpenClickhouseWriter(url, outbox);
  INFO(writer.status().message());
  REQUIRE(writer.ok());
  MustAppend(writer->get(), window);
  const Status sent = (*writer)->Seal();
  INFO(sent.message());
  REQUIRE(sent.ok());
}

bool Says(const Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("ClickHouse: four collectors may make the tables at once") {
  const ClickhouseUrl url = NewDatabase(1);
  std::vector<Status> made(4);
  std::vector<std::thread> threads;
  for (Status& status : made) {
    threads.emplace_back([&] { status = PrepareSchema(Connection(url, 0)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Status& status : made) {
    INFO(status.message());
    CHECK(status.ok());
  }
  CHECK(CheckSchema(Connection(url, 0)).ok());
}

TEST_CASE("ClickHouse: tables of a newer version are refused, by writers and by readers") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  StoreOne(url, dir.path("outbox"), SmallWindow("a", 1, kNoon));
  SharedServer(0).Ask(url.database, "INSERT INTO schema_version VALUES (1000)");
  for (const Status& status : {OpenClickhouseReader(url).status(),
                               OpenClickhouseWriter(url, dir.path("outbox")).status()}) {
    CHECK(status.code() == StatusCode::kUnsupported);
    CHECK(Says(status, url.Place()));
    CHECK(Says(status, "version 1000"));
    CHECK(Says(status, "use the newer program"));
  }
}

TEST_CASE("ClickHouse: an older version is brought up to date by a writer, and named by a reader") {
  const ClickhouseUrl url = NewDatabase(1);
  REQUIRE(Connection(url, 0).CreateDatabase().ok());
  SharedServer(0).Ask(url.database,
                      "CREATE TABLE schema_version (version UInt32) ENGINE = ReplacingMergeTree "
                      "ORDER BY version");
  const Status old = OpenClickhouseReader(url).status();
  CHECK(old.code() == StatusCode::kUnsupported);
  CHECK(Says(old, "version 0"));
  const TempDir dir;
  StoreOne(url, dir.path("outbox"), SmallWindow("a", 1, kNoon));
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  CHECK((*reader)->Merge({})->records == 1);
}

TEST_CASE(
    "ClickHouse: what tables of version 1 hold is answered after they were brought up to date") {
  const ClickhouseUrl url = NewDatabase(1);
  REQUIRE(Connection(url, 0).CreateDatabase().ok());
  const std::string noon = std::to_string(kNoon);
  const std::string in_version_one[] = {
      "CREATE TABLE schema_version (version UInt32) ENGINE = ReplacingMergeTree ORDER BY version",
      "CREATE TABLE label_sets (series UInt64, second_hash UInt64, label_keys Array(String), "
      "label_values Array(String)) ENGINE = ReplacingMergeTree ORDER BY (series, second_hash)",
      "CREATE TABLE frames (frame UInt64, second_hash UInt64, name String, mangled_name String, "
      "module String, build_id String, file String, line UInt32, inlined UInt8) ENGINE = "
      "ReplacingMergeTree ORDER BY (frame, second_hash)",
      "CREATE TABLE stacks (stack UInt64, second_hash UInt64, frame_ids Array(UInt64)) ENGINE = "
      "ReplacingMergeTree ORDER BY (stack, second_hash)",
      "CREATE TABLE samples (end_ns Int64, series UInt64, window_key UInt64, start_ns Int64, "
      "period_ns Int64, collector UInt64, target UInt64, instance String, window_id UInt64, "
      "weight Int64, stack_ids Array(UInt64), weights Array(Int64)) ENGINE = ReplacingMergeTree "
      "PARTITION BY intDiv(end_ns - 1, 86400000000000) ORDER BY (end_ns, series, window_key) "
      "SETTINGS index_granularity = 256",
      "INSERT INTO schema_version VALUES (1)",
      "INSERT INTO label_sets VALUES (11, 1, ['host'], ['old'])",
      "INSERT INTO frames VALUES (13, 1, 'main', '', '', '', '', 0, 0)",
      "INSERT INTO stacks VALUES (12, 1, [13])",
      "INSERT INTO samples VALUES (" + noon + ", 11, 5, " + noon +
          " - 1000000000, 5000000, 1, 11, 'run', 1, 3, [12], [3])"};
  for (const std::string& statement : in_version_one) SharedServer(0).Ask(url.database, statement);
  CHECK(Says(OpenClickhouseReader(url).status(), "version 1"));
  const TempDir dir;
  StoreOne(url, dir.path("outbox"), SmallWindow("new", 1, kNoon + 1));
  CHECK(SharedServer(0).Ask(url.database, "SELECT max(version) FROM schema_version") == "2");
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  const auto answer = (*reader)->Merge({INT64_MIN, kNoon, {}, true});
  REQUIRE(answer.ok());
  CHECK(answer->warnings.empty());
  CHECK((Flatten(answer->profile) == Flat{{"{host=old,}main|||||0|0;", {3, 15'000'000}}}));
  CHECK((*reader)->Merge({})->records == 2);
}

TEST_CASE("ClickHouse: a database that is not there is named, with the way to make it") {
  const ClickhouseUrl url = NewDatabase(1);
  const Status none = OpenClickhouseReader(url).status();
  CHECK(none.code() == StatusCode::kNotFound);
  CHECK(Says(none, "clickhouse://127.0.0.1:" + std::to_string(SharedServer(0).port()) + "/" +
                       url.database));
  CHECK(Says(none, "start a collector with this --store"));
}

TEST_CASE("ClickHouse: user and password are sent, and a wrong one is named but not shown") {
  ClickhouseUrl url = NewDatabase(1);
  url.user = kSecretUser;
  url.password = kSecretPassword;
  const TempDir dir;
  StoreOne(url, dir.path("outbox"), SmallWindow("a", 1, kNoon));
  url.password = "wrong one";
  for (const Status& status : {OpenClickhouseReader(url).status(),
                               OpenClickhouseWriter(url, dir.path("other")).status()}) {
    CHECK(status.code() == StatusCode::kPermissionDenied);
    CHECK(Says(status, kSecretUser));
    CHECK(Says(status, kPasswordFileVariable));
    CHECK_FALSE(Says(status, "wrong one"));
  }
}

TEST_CASE("ClickHouse: what is missing or double behind an id is told, and its samples count") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  StoreOne(url, dir.path("outbox"), SmallWindow("a", 1, kNoon, 3));
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  ClickhouseTestServer& server = SharedServer(0);
  server.Ask(url.database,
             "INSERT INTO stacks SELECT stack, second_hash + 1, frame_ids FROM stacks");
  const auto twice = (*reader)->Merge({});
  REQUIRE(twice.ok());
  CHECK(twice->profile.TotalWeight() == 3);
  REQUIRE(twice->warnings.size() == 1);
  CHECK(twice->warnings[0].find("two contents in stacks") != std::string::npos);
  CHECK((*reader)->Merge({})->warnings == twice->warnings);

  server.Ask(url.database, "DROP TABLE stacks");
  REQUIRE(Connection(url, 0)
              .Run("CREATE TABLE stacks (stack UInt64, second_hash UInt64, frame_ids "
                   "Array(UInt64)) ENGINE = ReplacingMergeTree ORDER BY (stack, second_hash)")
              .ok());
  const auto fresh = OpenClickhouseReader(url);
  REQUIRE(fresh.ok());
  for (int again = 0; again < 2; ++again) {
    const auto missing = (*fresh)->Merge({});
    REQUIRE(missing.ok());
    CHECK(missing->profile.TotalWeight() == 3);
    REQUIRE(missing->warnings.size() == 1);
    CHECK(missing->warnings[0].find("the table stacks lacks") != std::string::npos);
    CHECK(missing->profile.FrameName(0).find("is not in the store]") != std::string::npos);
  }
}

TEST_CASE("ClickHouse: an answer that breaks off is an error") {
  const ClickhouseUrl url = NewDatabase(1);
  const Result<std::string> rows = Connection(url, 0).Select(
      "SELECT toUInt64(throwIf(number = 3000000)) FROM system.numbers LIMIT 4000000");
  CHECK_FALSE(rows.ok());
}

}  // namespace stacksampler::store
