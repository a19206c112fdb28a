// SPDX-License-Identifier: MIT
//
// Every system call of a writer's life fails in its turn: what was acknowledged is there, nothing
// is there twice, what went wrong was said, and the writer goes on when it is over.
#include <cerrno>
#include <set>

#include "store/fault_support.h"
#include "store/faulty_calls.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int kWindows = 6;
// A lasting fault is given up on after so many tries of one step.
constexpr int kTries = 3;

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

}  // namespace

TEST_CASE("Faults: every call fails once with EIO") { FailEveryCall(EIO, false); }
TEST_CASE("Faults: every call fails once with ENOSPC") { FailEveryCall(ENOSPC, false); }
TEST_CASE("Faults: every call is interrupted once") { FailEveryCall(EINTR, false); }
TEST_CASE("Faults: every write comes short once") { FailEveryCall(0, false); }
TEST_CASE("Faults: from every call on the disk is full, until it is not") {
  FailEveryCall(ENOSPC, true);
}
TEST_CASE("Faults: from every call on the disk does not answer, until it does") {
  FailEveryCall(EIO, true);
}

}  // namespace stacksampler::store
