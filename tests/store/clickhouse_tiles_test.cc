// SPDX-License-Identifier: MIT
//
// Hours and days summed up: used where they fit, and taken back when samples come late.
#include <thread>

#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse/roller.h"
#include "store/clickhouse_server.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kMidnight = (kNoon / kDayNs) * kDayNs;

std::unique_ptr<StoreWriter> Write(const ClickhouseUrl& url, const TempDir& dir,
                                   std::chrono::milliseconds roll_every) {
  ClickhouseOptions options;
  options.sender.roll_every = roll_every;
  auto writer = OpenClickhouseWriter(url, dir.path("outbox"), options);
  INFO(writer.status().message());
  REQUIRE(writer.ok());
  return *std::move(writer);
}

void RollUp(const ClickhouseUrl& url, int64_t until_ns) {
  const Connection connection(url, 0);
  Roller roller(connection, [](const std::string& line) { FAIL(line); });
  const Status learned = roller.Learn();
  INFO(learned.message());
  REQUIRE(learned.ok());
  const Status rolled = roller.RollUp(until_ns);
  INFO(rolled.message());
  REQUIRE(rolled.ok());
}

size_t ValidTiles(const ClickhouseUrl& url, int tier) {
  const auto tiles = ReadTiles(Connection(url, 0), tier, 0, INT64_MAX);
  REQUIRE(tiles.ok());
  size_t valid = 0;
  for (const Tile& tile : *tiles) valid += tile.valid;
  return valid;
}

std::vector<Window> WindowsFrom(int64_t from_ns, uint64_t first_id, uint64_t count, int64_t step) {
  std::vector<Window> windows;
  for (uint64_t i = 0; i < count; ++i) {
    windows.push_back(SmallWindow("h" + std::to_string(i % 3), first_id + i,
                                  from_ns + static_cast<int64_t>(i) * step,
                                  static_cast<int64_t>(i % 4 + 1)));
  }
  return windows;
}

void Store(StoreWriter* writer, const std::vector<Window>& windows) {
  for (const Window& window : windows) MustAppend(writer, window);
  const Status sealed = writer->Seal();
  INFO(sealed.message());
  REQUIRE(sealed.ok());
}

// The day of WindowsFrom(kMidnight + kHour, ...), as partitions name it.
const std::string kFirstDay = std::to_string(BucketOf(kDayTier, kMidnight + 1));

void DropTiles(const ClickhouseUrl& url, const std::string& table, const std::string& tier) {
  const std::string number = tier == "1" ? kFirstDay : std::to_string(std::stoll(kFirstDay) / 24);
  SharedServer(0).Ask(url.database,
                      "ALTER TABLE " + table + " DROP PARTITION (" + tier + ", " + number + ")");
}

// Leaves of `tiles` what `select` takes of it.
void KeepTiles(const ClickhouseUrl& url, const std::string& select) {
  for (const std::string& statement :
       {std::string("CREATE TABLE kept AS tiles"), "INSERT INTO kept " + select,
        std::string("DROP TABLE tiles"), std::string("RENAME TABLE kept TO tiles")}) {
    SharedServer(0).Ask(url.database, statement);
  }
}

// The answer is right, and says what it was not made of.
void CheckWarned(StoreReader* reader, const std::vector<Window>& windows, size_t lost) {
  for (const bool keep : {false, true}) {
    Query query;
    query.keep_labels = keep;
    const Result<QueryResult> answer = reader->Merge(query);
    INFO(answer.status().message());
    REQUIRE(answer.ok());
    CHECK(answer->records == windows.size());
    CHECK((Flatten(answer->profile) == CountAgain(windows, query).samples));
    CHECK(answer->contents.empty());
    REQUIRE(answer->warnings.size() == 1);
    CHECK(Mentions(answer->warnings, ": " + std::to_string(lost) + " of the sums of hours"));
  }
  const auto volumes = reader->Volumes({kMidnight, kMidnight + kDayNs, {}, kDayNs});
  REQUIRE(volumes.ok());
  CHECK(volumes->warnings.size() == 1);
  int64_t weight = 0;
  int64_t expected = 0;
  for (const SeriesVolume& series : volumes->series) weight += series.volumes[0].weight;
  for (const Window& window : windows) expected += window.profile.TotalWeight();
  CHECK(weight == expected);
}

}  // namespace

TEST_CASE("Tiles: a range is covered by whole days, then hours, and what is left") {
  const auto tile = [](int tier, int64_t bucket) { return Tile{tier, bucket, 1, true, 1}; };
  const std::vector<Tile> days = {tile(kDayTier, 1)};
  std::vector<Tile> hours = {tile(kHourTier, 22), tile(kHourTier, 23), tile(kHourTier, 30),
                             tile(kHourTier, 48)};
  const Cover all = CoverWith({INT64_MIN, INT64_MAX}, days, hours);
  CHECK(all.tiles.size() == 4);
  REQUIRE(all.rest.size() == 2);
  CHECK(all.rest[0].until_ns == 22 * kHourNs);
  CHECK(all.rest[1].from_ns == 49 * kHourNs + 1);
  const Cover exact = CoverWith({kDayNs + 1, 2 * kDayNs}, days, hours);
  CHECK(exact.tiles.size() == 1);
  CHECK(exact.rest.empty());
  const Cover later = CoverWith({kDayNs + 2, 2 * kDayNs}, days, hours);
  REQUIRE(later.tiles.size() == 1);
  CHECK(later.tiles[0].tier == kHourTier);
  CHECK(later.rest.size() == 2);
  const Cover sooner = CoverWith({kDayNs + 1, 2 * kDayNs - 1}, days, hours);
  CHECK(sooner.tiles.size() == 1);
  hours[2].valid = false;
  CHECK(CoverWith({kDayNs + 2, 2 * kDayNs}, days, hours).tiles.empty());
}

TEST_CASE("Tiles: sums of hours and days answer as the samples do, also without the samples") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  // Two days and a bit, with ends on hours, on midnight and between.
  std::vector<Window> windows = WindowsFrom(kMidnight + 4 * kHour, 1, 15, 4 * kHour);
  for (const Window& window : WindowsFrom(kMidnight + 2 * kHour + 7, 200, 4, 11 * kHour)) {
    windows.push_back(window);
  }
  Store(Write(url, dir, std::chrono::hours(1)).get(), windows);
  RollUp(url, kMidnight + 50 * kHour);
  CHECK(ValidTiles(url, kHourTier) == 15);
  CHECK(ValidTiles(url, kDayTier) == 2);
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  for (const bool keep : {false, true}) {
    for (const auto& [from, until] :
         std::vector<std::pair<int64_t, int64_t>>{{INT64_MIN, INT64_MAX},
                                                  {kMidnight, kMidnight + 48 * kHour},
                                                  {kMidnight + 1, kMidnight + 24 * kHour},
                                                  {kMidnight + 25, kMidnight + 47 * kHour}}) {
      Query query;
      query.from_ns = from;
      query.until_ns = until;
      query.keep_labels = keep;
      CheckAnswer(reader->get(), windows, query);
      query.matches = {{"host", "h1", true}};
      CheckAnswer(reader->get(), windows, query);
    }
  }
  // Retention: the samples of a day go, its sum stays.
  SharedServer(0).Ask(url.database, "ALTER TABLE samples DROP PARTITION " +
                                        std::to_string(BucketOf(kDayTier, kMidnight + 1)));
  CheckAnswer(reader->get(), windows, {});
  const auto volumes = (*reader)->Volumes({kMidnight, kMidnight + 48 * kHour, {}, 24 * kHour});
  REQUIRE(volumes.ok());
  int64_t first_day = 0;
  for (const SeriesVolume& series : volumes->series) first_day += series.volumes[0].weight;
  Query day;
  day.from_ns = kMidnight;
  day.until_ns = kMidnight + 24 * kHour;
  int64_t expected = 0;
  for (const auto& [key, sums] : CountAgain(windows, day).samples) expected += sums.first;
  CHECK(first_day == expected);
}

TEST_CASE("Tiles: samples that come late take a sum back, and a new one has them") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  std::vector<Window> windows = WindowsFrom(kMidnight + kHour, 1, 12, 2 * kHour);
  const auto writer = Write(url, dir, std::chrono::hours(1));
  Store(writer.get(), windows);
  RollUp(url, INT64_MAX);
  CHECK(ValidTiles(url, kDayTier) == 1);
  const size_t hours = ValidTiles(url, kHourTier);
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  const std::vector<Window> late = WindowsFrom(kMidnight + 3 * kHour - 5, 100, 3, 1);
  Store(writer.get(), late);
  windows.insert(windows.end(), late.begin(), late.end());
  CHECK(ValidTiles(url, kDayTier) == 0);
  CHECK(ValidTiles(url, kHourTier) == hours - 1);
  CheckAnswer(reader->get(), windows, {});
  RollUp(url, INT64_MAX);
  CHECK(ValidTiles(url, kDayTier) == 1);
  CHECK(ValidTiles(url, kHourTier) == hours);
  CheckAnswer(reader->get(), windows, {});
}

TEST_CASE("Tiles: what is sent a second time takes no sum back") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  const std::vector<Window> windows = WindowsFrom(kMidnight + kHour, 1, 4, 1);
  Store(Write(url, dir, std::chrono::hours(1)).get(), windows);
  RollUp(url, INT64_MAX);
  SharedServer(0).Ask(url.database, "INSERT INTO samples SELECT * FROM samples");
  SharedServer(0).Ask(url.database, "INSERT INTO tiles SELECT * FROM tiles");
  const Connection connection(url, 0);
  Roller roller(connection, [](const std::string& line) { FAIL(line); });
  REQUIRE(roller.Stored({BucketOf(kHourTier, windows[0].end_ns)}).ok());
  CHECK(ValidTiles(url, kHourTier) == 2);
  CheckAnswer(OpenClickhouseReader(url)->get(), windows, {});
}

TEST_CASE(
    "Tiles: a sum whose rows are lost is told, hours or samples answer, and it is made anew") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  const std::vector<Window> windows = WindowsFrom(kMidnight + kHour, 1, 9, kHour / 2);
  Store(Write(url, dir, std::chrono::hours(1)).get(), windows);
  RollUp(url, INT64_MAX);
  const size_t hours = ValidTiles(url, kHourTier);
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  DropTiles(url, "tiles", "2");
  CheckWarned(reader->get(), windows, 1);
  DropTiles(url, "tiles", "1");
  CheckWarned(reader->get(), windows, 1 + hours);
  RollUp(url, INT64_MAX);
  CHECK(ValidTiles(url, kHourTier) == hours);
  CHECK(ValidTiles(url, kDayTier) == 1);
  CheckAnswer(reader->get(), windows, {});
  // The sums over all series, or those of some series alone.
  for (const std::string part : {"whole = 0", "whole = 1 OR bitAnd(series, 1) = 0"}) {
    KeepTiles(url, "SELECT * FROM tiles WHERE " + part);
    const auto answer = (*reader)->Merge({});
    REQUIRE(answer.ok());
    CHECK(answer->warnings.size() == 1);
    CHECK((Flatten(answer->profile) == CountAgain(windows, {}).samples));
    RollUp(url, INT64_MAX);
    CheckAnswer(reader->get(), windows, {});
  }
}

TEST_CASE("Tiles: the word that an hour is summed up, without its sum, hides no sample") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  const std::vector<Window> windows = {SmallWindow("a", 1, kMidnight + kHour)};
  Store(Write(url, dir, std::chrono::hours(1)).get(), windows);
  const int64_t hour = BucketOf(kHourTier, windows[0].end_ns);
  SharedServer(0).Ask(url.database,
                      "INSERT INTO rolled (tier, bucket, version, valid, rows) "
                      "VALUES (1, " +
                          std::to_string(hour) + ", 1, 1, 1)");
  CheckWarned(OpenClickhouseReader(url)->get(), windows, 1);
}

TEST_CASE("Tiles: dropped after their word, they are not missed") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  const std::vector<Window> windows = WindowsFrom(kMidnight + kHour, 1, 9, kHour / 2);
  Store(Write(url, dir, std::chrono::hours(1)).get(), windows);
  RollUp(url, INT64_MAX);
  const auto reader = OpenClickhouseReader(url);
  REQUIRE(reader.ok());
  for (const std::string tier : {"2", "1"}) {
    for (const std::string table : {"rolled", "tiles"}) {
      DropTiles(url, table, tier);
      CheckAnswer(reader->get(), windows, {});
    }
  }
}

TEST_CASE("Tiles: stacks that do not add up to what they should weigh are an error") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  Store(Write(url, dir, std::chrono::hours(1)).get(), {SmallWindow("a", 1, kMidnight + kHour)});
  RollUp(url, INT64_MAX);
  KeepTiles(url,
            "SELECT tier, bucket, version, whole, series, period_ns, start_ns, end_ns, windows, "
            "window_keys, weight, stack_ids, arrayMap(cell -> cell + 1, weights) FROM tiles");
  const Status damaged = OpenClickhouseReader(url)->get()->Merge({}).status();
  CHECK(damaged.code() == StatusCode::kDataLoss);
  CHECK(damaged.message().find("different sums") != std::string::npos);
}

TEST_CASE("Tiles: a collector makes them by itself") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  ClickhouseOptions options;
  options.sender.gather = std::chrono::milliseconds(10);
  options.sender.roll_every = std::chrono::milliseconds(10);
  const auto writer = OpenClickhouseWriter(url, dir.path("outbox"), options);
  REQUIRE(writer.ok());
  Store(writer->get(), WindowsFrom(kMidnight + kHour, 1, 4, 1));
  while (ValidTiles(url, kDayTier) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(ValidTiles(url, kHourTier) == 2);
}

}  // namespace stacksampler::store
