// SPDX-License-Identifier: MIT
//
// Every system call of a writer's life fails in its turn: what was acknowledged is there, nothing
// is there twice, what went wrong was said, and the writer goes on when it is over.
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "store/check.h"
#include "store/faulty_calls.h"
#include "store/merger.h"
#include "store/profile_store.h"
#include "store/segment.h"
#include "store/store_dir.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int kWindows = 6;
// A lasting fault is given up on after so many tries of one step.
constexpr int kTries = 3;

// Window i counts 4^i, so that a sum tells which windows are there, and how often.
int64_t WeightOf(int window) { return int64_t{1} << (2 * window); }

Window WindowOf(int window) {
  // Two of one segment, then two of the next.
  const int64_t end_ns = kNoon + (window / 2) * kHour + window * kSecond;
  return SmallWindow("a", static_cast<uint64_t>(window) + 1, end_ns, WeightOf(window));
}

bool IsThere(int64_t total, int window) { return (total >> (2 * window) & 3) != 0; }
bool IsThereTwice(int64_t total) {
  for (int i = 0; i < kWindows; ++i) {
    if ((total >> (2 * i) & 3) > 1) return true;
  }
  return (total >> (2 * kWindows)) != 0;
}

// A collector's life: it asks for the windows in order, and goes on with the next when one is
// acknowledged.
class Life {
 public:
  Life(std::string dir, bool dies_of_errors) : dir_(std::move(dir)), dies_(dies_of_errors) {}

  // False when a step failed too often, or once for those that die of it.
  bool Run() {
    for (; acknowledged_ < kWindows; ++acknowledged_) {
      if (acknowledged_ == 4) writer_.reset();  // a restart, in peace
      if (!Try([&] { return Open(); })) return false;
      const Window window = WindowOf(acknowledged_);
      if (!Try([&] { return writer_->Append(window.record()).status(); })) return false;
      if (!Try([&] { return writer_->Commit(); })) return false;
    }
    return Try([&] { return Open(); }) && Try([&] { return writer_->Seal(); });
  }
  void Die() { writer_.reset(); }

  [[nodiscard]] int acknowledged() const { return acknowledged_; }
  // What was said of the failures.
  [[nodiscard]] const std::vector<std::string>& said() const { return said_; }
  [[nodiscard]] bool all_name_the_store() const {
    for (const std::string& line : said_) {
      if (line.find(dir_) == std::string::npos) return false;
    }
    return true;
  }

 private:
  template <typename Step>
  bool Try(Step step) {
    for (int i = 0; i < kTries; ++i) {
      const Status status = step();
      if (status.ok()) return true;
      said_.push_back(status.message());
      if (dies_) return false;
    }
    return false;
  }

  Status Open() {
    if (writer_ != nullptr) return Status::Ok();
    WriterOptions options = OptionsFor(&said_);
    options.journal_grace = std::chrono::seconds(0);
    Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir_, options);
    if (!writer.ok()) return writer.status();
    writer_ = *std::move(writer);
    return Status::Ok();
  }

  const std::string dir_;
  const bool dies_;
  std::unique_ptr<StoreWriter> writer_;
  int acknowledged_ = 0;
  std::vector<std::string> said_;
};

// One life under the fault, the end of the fault, and what is stored. Answers with the call that
// failed.
std::string LiveThrough(const Fault& fault, bool dies_of_errors) {
  const TempDir dir;
  const std::string db = dir.path("db");
  Life life(db, dies_of_errors);
  std::string failed;
  {
    const FaultyCalls calls(fault);
    life.Run();
    failed = FaultyCalls::failed();
  }
  if (dies_of_errors) life.Die();
  INFO("errno " << fault.error << " at call " << fault.at << " (" << failed << ")"
                << (fault.lasting ? ", lasting" : "") << (dies_of_errors ? ", dies" : ""));
  CHECK(life.all_name_the_store());
  // What a removal leaves behind is found again; half a write goes on where it stopped.
  const bool may_be_silent =
      failed.empty() || failed == "unlink" || fault.error == EINTR || fault.error == 0;
  CHECK((may_be_silent || !life.said().empty()));
  if (life.acknowledged() > 0) {
    const Result<QueryResult> answer = MustRead(db)->Merge({});
    REQUIRE(answer.ok());
    for (int i = 0; i < life.acknowledged(); ++i) {
      CHECK(IsThere(answer->profile.TotalWeight(), i));
    }
    CHECK_FALSE(IsThereTwice(answer->profile.TotalWeight()));
  }
  CHECK(life.Run());
  const Result<QueryResult> answer = MustRead(db)->Merge({});
  REQUIRE(answer.ok());
  CHECK(answer->warnings.empty());
  CHECK(answer->profile.TotalWeight() == WeightOf(kWindows) / 3);
  CHECK(answer->records == kWindows);
  return failed;
}

// Until there is no such call any more.
void FailEveryCall(int error, bool lasting) {
  std::set<std::string> failed;
  for (const bool dies_of_errors : {false, true}) {
    for (uint64_t at = 0;; ++at) {
      const std::string call = LiveThrough({error, at, lasting}, dies_of_errors);
      if (call.empty()) break;
      failed.insert(call);
    }
  }
  CHECK(failed.count("pwrite") == 1);
  if (error == 0) return;
  for (const char* call :
       {"open", "write", "fsync", "fdatasync", "rename", "ftruncate", "unlink"}) {
    INFO(call);
    CHECK(failed.count(call) == 1);
  }
}

// Two segments, a day's total and a journal.
void Fill(const TempDir& dir) {
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  options.journal_grace = std::chrono::seconds(0);
  const auto writer = MustWrite(dir.path(), options);
  for (int i = 0; i < 3; ++i) {
    Window window = WindowOf(i);
    window.end_ns += i * kDay;
    MustAppend(writer.get(), window);
    if (i < 2) REQUIRE(writer->Seal().ok());
  }
  REQUIRE(CountFiles(dir.path(), 'd') == 1);
}

// The content of all files, by name.
std::map<std::string, std::string> Contents(const TempDir& dir) {
  std::map<std::string, std::string> contents;
  for (const std::string& name : FilesIn(dir.path())) contents[name] = ReadFile(dir.path(name));
  return contents;
}

// Makes what one block of the first segment says wrong; answers with its name.
std::string DamageRows(const TempDir& dir) {
  std::string name;
  for (const std::string& file : FilesIn(dir.path())) {
    if (file[0] == 'h' && (name.empty() || file < name)) name = file;
  }
  std::string bytes = ReadFile(dir.path(name));
  const size_t key = bytes.rfind("rows/0/");
  REQUIRE(key != std::string::npos);
  bytes[key + 20] = static_cast<char>(bytes[key + 20] ^ 1);
  WriteFile(dir.path(name), bytes);
  return name;
}

// Nothing fails, and nothing waits for the disk.
template <typename Work>
void Unsynced(Work work) {
  const FaultyCalls calls({0, UINT64_MAX, false});
  work();
}

void RepairUnderEveryFault(int error, bool damaged) {
  for (uint64_t at = 0;; ++at) {
    const TempDir dir;
    Unsynced([&] { Fill(dir); });
    const std::string bad = damaged ? DamageRows(dir) : "";
    const auto before = Contents(dir);
    std::string failed;
    Status status;
    {
      const FaultyCalls calls({error, at, false});
      status = RepairStore(dir.path()).status();
      failed = FaultyCalls::failed();
    }
    INFO("errno " << error << " at call " << at << " (" << failed << "): " << status.message());
    CHECK((status.ok() || status.message().find(dir.path()) != std::string::npos));
    if (!damaged) CHECK(Contents(dir) == before);
    Unsynced([&] { REQUIRE(RepairStore(dir.path()).ok()); });
    auto repaired = Contents(dir);
    if (damaged) {
      CHECK(repaired[bad + ".damaged"] == before.at(bad));
      repaired.erase(bad + ".damaged");
      repaired[bad] = before.at(bad);
    }
    CHECK(repaired == before);
    // The day's total has what the segment lost.
    CHECK(TotalWeight(dir.path()) == WeightOf(0) + WeightOf(1) + WeightOf(2));
    if (failed.empty()) {
      CHECK(at > 20);
      break;
    }
  }
}

}  // namespace

TEST_CASE("Faults: every call fails once with EIO") { FailEveryCall(EIO, false); }
TEST_CASE("Faults: every call fails once with ENOSPC") { FailEveryCall(ENOSPC, false); }
TEST_CASE("Faults: a segment that cannot be read for a moment is not taken for damaged") {
  for (uint64_t at = 0;; ++at) {
    const TempDir dir;
    std::vector<std::string> warnings;
    MustAppend(MustWrite(dir.path(), OptionsFor(&warnings)).get(), WindowOf(0));
    REQUIRE(MustWrite(dir.path(), OptionsFor(&warnings))->Seal().ok());
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == 'j') std::filesystem::remove(dir.path(name));
    }
    std::string failed;
    Status refused;
    {
      const FaultyCalls calls({EIO, at, false});
      refused = OpenWriter(dir.path(), OptionsFor(&warnings)).status();
      failed = FaultyCalls::failed();
    }
    INFO("call " << at << " (" << failed << "): " << refused.message());
    CHECK(warnings.empty());
    if (failed.empty()) {
      CHECK(at > 5);
      break;
    }
    CHECK((refused.ok() || refused.message().find(dir.path()) != std::string::npos));
    const auto again = MustWrite(dir.path(), OptionsFor(&warnings))->Append(WindowOf(0).record());
    REQUIRE(again.ok());
    CHECK_FALSE(*again);
    CHECK(TotalWeight(dir.path()) == WeightOf(0));
  }
}
TEST_CASE("Faults: a block that cannot be read for a moment is not said to be damaged") {
  const TempDir dir;
  MustAppend(MustWrite(dir.path(), {}).get(), WindowOf(0));
  REQUIRE(MustWrite(dir.path(), {})->Seal().ok());
  const Result<Listing> listing = ListStore(dir.path());
  REQUIRE(listing.ok());
  const std::string path = dir.path(SegmentName(listing->segments.at(0)));
  std::string failed;
  const Query everything;
  for (uint64_t at = 0; at == 0 || !failed.empty(); ++at) {
    Profile vocabulary;
    const FaultyCalls calls({EIO, at, false});
    Result<Segment> segment = Segment::Open(path);
    Merger merger(everything, vocabulary);
    const Status status = segment.ok() ? segment->Merge({&merger}, &vocabulary) : segment.status();
    failed = FaultyCalls::failed();
    INFO("call " << at << " (" << failed << "): " << status.message());
    CHECK_FALSE(IsDamage(status));
  }
}
TEST_CASE("Faults: a repair takes nothing for damaged that cannot be read for a moment") {
  for (const int error : {EIO, EACCES, ENOSPC}) {
    for (const bool damaged : {false, true}) RepairUnderEveryFault(error, damaged);
  }
}
TEST_CASE("Faults: every call is interrupted once") { FailEveryCall(EINTR, false); }
TEST_CASE("Faults: every write comes short once") { FailEveryCall(0, false); }
TEST_CASE("Faults: from every call on the disk is full, until it is not") {
  FailEveryCall(ENOSPC, true);
}
TEST_CASE("Faults: from every call on the disk does not answer, until it does") {
  FailEveryCall(EIO, true);
}

}  // namespace stacksampler::store
