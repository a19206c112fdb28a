// SPDX-License-Identifier: MIT
//
// What `collector check` finds, and what --repair saves.
#include "store/check.h"

#include <filesystem>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// Two segments of eight records each, whose journals are gone, and a journal of eight.
struct Filled {
  TempDir dir;
  std::vector<Window> windows;

  explicit Filled(std::chrono::seconds journal_grace = std::chrono::seconds(0)) {
    std::mt19937_64 random(7);
    WriterOptions options;
    options.journal_grace = journal_grace;
    const auto writer = MustWrite(dir.path(), options);
    for (uint64_t id = 1; id <= 24; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 60 * kSecond));
      MustAppend(writer.get(), windows.back());
      if (id == 8 || id == 16) REQUIRE(writer->Seal().ok());
    }
  }
  [[nodiscard]] std::string Last(char letter) const {
    std::string found;
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == letter && name.find("damaged") == std::string::npos) found = name;
    }
    return found;
  }
  void Flip(const std::string& name, size_t byte) const { FlipBit(dir.path(name), byte); }
  void Break(const std::string& name, const std::string& key) const {
    BreakValue(dir.path(name), key);
  }
  [[nodiscard]] CheckReport Check() const {
    const Result<CheckReport> report = CheckStore(dir.path());
    INFO(report.status().message());
    REQUIRE(report.ok());
    return *report;
  }
  [[nodiscard]] std::vector<std::string> Repair() const {
    const Result<std::vector<std::string>> done = RepairStore(dir.path());
    INFO(done.status().message());
    REQUIRE(done.ok());
    return *done;
  }
};

std::string Joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

}  // namespace

TEST_CASE("Check: a good store has no problems, beside its writer neither") {
  const Filled store;
  const CheckReport report = store.Check();
  INFO(Joined(report.problems));
  CHECK(report.problems.empty());
  CHECK(report.segments == 2);
  CHECK(report.journals == 1);
  CHECK(report.records == 24);
  CHECK_FALSE(report.has_writer);
  const auto writer = MustWrite(store.dir.path(), {});
  WriteFile(store.dir.path(store.Last('h') + ".tmp"), "being written");
  const CheckReport beside = store.Check();
  CHECK(beside.has_writer);
  CHECK(beside.problems.empty());
  CHECK(RepairStore(store.dir.path()).status().code() == StatusCode::kAlreadyExists);
}

TEST_CASE("Check: every kind of damage is a line that names the file") {
  for (const char* kind : {"STORE", "h", "j", "tmp", "damaged"}) {
    const Filled store;
    std::string name = kind;
    if (name == "h") {
      store.Break(name = store.Last('h'), "dict");
    } else if (name == "j") {
      name = store.Last('j');
      store.Flip(name, ReadFile(store.dir.path(name)).size() / 2);
    } else if (name == "STORE") {
      store.Flip(name, 40);
    } else if (name == "tmp") {
      WriteFile(store.dir.path(name = store.Last('h') + ".tmp"), "");
    } else {
      name = store.Last('j') + ".damaged";
      WriteFile(store.dir.path(name), "");
    }
    const std::vector<std::string> before = FilesIn(store.dir.path());
    const CheckReport report = store.Check();
    INFO(name << "\n" << Joined(report.problems));
    CHECK(Mentions(report.problems, store.dir.path(name)));
    CHECK(FilesIn(store.dir.path()) == before);
  }
}

TEST_CASE("Repair: a segment whose totals or windows are damaged is written anew without a loss") {
  for (const char* key : {"total", "refs", "meta"}) {
    const Filled store;
    store.Break(store.Last('h'), key);
    const CheckReport before = store.Check();
    INFO(key << "\n" << Joined(before.problems));
    CHECK_FALSE(before.problems.empty());
    const std::vector<std::string> done = store.Repair();
    INFO(Joined(done));
    CHECK(Mentions(done, "8 records, none lost"));
    CHECK(store.Check().problems.empty());
    for (const bool keep_labels : {false, true}) {
      Query query;
      query.keep_labels = keep_labels;
      CheckAnswer(MustRead(store.dir.path()).get(), store.windows, query);
    }
  }
}

TEST_CASE("Repair: of a segment with a damaged block the rest is kept, and the loss counted") {
  // The sums of a target say what the stacks in its rows are.
  for (const char* key : {"rows/0/", "total/0"}) {
    const Filled store;
    const std::string name = store.Last('h');
    store.Break(name, key);
    const std::vector<std::string> done = store.Repair();
    INFO(key << "\n" << Joined(done));
    CHECK(Mentions(done, store.dir.path(name) + ": lost "));
    CHECK(Mentions(done, "records of "));
    const CheckReport after = store.Check();
    INFO(Joined(after.problems));
    CHECK((after.problems.size() == 1 && Mentions(after.problems, name + ".damaged")));
    const Result<QueryResult> answer = MustRead(store.dir.path())->Merge({});
    CHECK(answer->records == after.records);
    CHECK(answer->records < 24);
    CHECK(answer->records > 16);
    CHECK(Mentions(answer->warnings, name + ".damaged"));
    // A repair of what is repaired has nothing to do.
    CHECK(store.Repair().empty());
  }
}

TEST_CASE("Repair: a segment of which nothing can be read is set aside, and the store goes on") {
  const Filled store;
  const std::string name = store.Last('h');
  store.Break(name, "dict");
  CHECK(Mentions(store.Repair(), name + ": lost 8 records of 2024"));
  CHECK_FALSE(std::filesystem::exists(store.dir.path(name)));
  CHECK(MustRead(store.dir.path())->Merge({})->records == 16);
  MustAppend(MustWrite(store.dir.path(), {}).get(), SmallWindow("new", 1, kNoon + 2 * kHour));
  CHECK(MustRead(store.dir.path())->Merge({})->records == 17);
}

TEST_CASE("Repair: a segment whose journal is still there is rebuilt from it") {
  const Filled store(std::chrono::seconds(3600));
  WriteFile(store.dir.path(store.Last('h')), "nothing of a gdbm file is left");
  CHECK(Mentions(store.Repair(), "rebuilt from its journal, 8 records, none lost"));
  CHECK(store.Check().problems.empty());
  CheckAnswer(MustRead(store.dir.path()).get(), store.windows, {});
}

TEST_CASE("Repair: a damaged STORE keeps its id where it can be read") {
  const Filled store;
  const std::string id = MustWrite(store.dir.path(), {})->id();
  store.Flip("STORE", 3);
  CHECK_FALSE(OpenReader(store.dir.path()).ok());
  CHECK(Mentions(store.Repair(), "with the id that was in it"));
  CHECK(MustWrite(store.dir.path(), {})->id() == id);
  std::filesystem::remove(store.dir.path("STORE"));
  CHECK(Mentions(store.Repair(), "with a new id"));
  CHECK(store.Check().problems.empty());
  CheckAnswer(MustRead(store.dir.path()).get(), store.windows, {});
}

TEST_CASE("Repair: a store of a newer version, and what is no store, stay as they are") {
  const Filled store;
  const std::string newer = "stackcollector store version 4\nid 0123456789abcdef\n";
  WriteFile(store.dir.path("STORE"), newer);
  CHECK(RepairStore(store.dir.path()).status().code() == StatusCode::kUnsupported);
  CHECK(ReadFile(store.dir.path("STORE")) == newer);
  const TempDir empty;
  CHECK_FALSE(RepairStore(empty.path()).ok());
  CHECK(FilesIn(empty.path()).empty());
  CHECK_FALSE(RepairStore(empty.path("none")).ok());
}

}  // namespace stacksampler::store
