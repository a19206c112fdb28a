// SPDX-License-Identifier: MIT
//
// Readers and copies beside a writer that seals all the time.
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// Commits window after window, each of weight 1, in a thread of its own. Where commits are cheap
// (a tmpfs) it would leave its reader far behind: it runs ahead by so many windows only.
constexpr int64_t kWindowsAhead = 100;

class BusyWriter {
 public:
  BusyWriter(const std::string& dir, const WriterOptions& options)
      : writer_(MustWrite(dir, options)), thread_([this] { Run(); }) {}
  ~BusyWriter() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] int64_t committed() const { return committed_; }
  void WaitFor(int64_t committed) {
    wanted_ = committed;
    while (committed_ < committed && !failed_) std::this_thread::yield();
    REQUIRE_FALSE(failed_);
  }

 private:
  void Run() {
    for (uint64_t id = 1; !stop_ && !failed_;) {
      if (committed_ >= wanted_ + kWindowsAhead) {
        std::this_thread::yield();
        continue;
      }
      failed_ =
          !writer_->Append(SmallWindow("a", id++, kNoon).record()).ok() || !writer_->Commit().ok();
      if (!failed_) ++committed_;
    }
  }

  std::unique_ptr<StoreWriter> writer_;
  std::atomic<int64_t> wanted_{0};
  std::atomic<int64_t> committed_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};
  std::thread thread_;
};

WriterOptions SealingOften(std::chrono::seconds journal_grace) {
  WriterOptions options;
  options.max_journal_bytes = 5'000;
  options.journal_grace = journal_grace;
  return options;
}

}  // namespace

TEST_CASE(
    "Store: a reader beside a busy writer misses nothing committed and counts nothing twice") {
  const TempDir dir;
  // No grace: journals vanish while the reader works.
  BusyWriter writer(dir.path(), SealingOften(std::chrono::seconds(0)));
  const auto reader = MustRead(dir.path());
  for (int round = 1; round <= 300; ++round) {
    writer.WaitFor(round * 5);
    const int64_t before = writer.committed();
    const Result<QueryResult> answer = reader->Merge({});
    const int64_t after = writer.committed();
    REQUIRE(answer.ok());
    REQUIRE(answer->warnings.empty());
    const int64_t total = answer->profile.TotalWeight();
    REQUIRE(total >= before);
    REQUIRE(total <= after + 1);
    REQUIRE(answer->records == static_cast<uint64_t>(total));
  }
}

TEST_CASE("Store: a live copy of the directory has all that was committed before, and goes on") {
  const TempDir dir;
  BusyWriter writer(dir.path("db"), SealingOften(std::chrono::seconds(60)));
  for (int copy = 1; copy <= 20; ++copy) {
    writer.WaitFor(copy * 100);
    const std::string target = dir.path("copy" + std::to_string(copy));
    const int64_t before = writer.committed();
    // cp complains of a file that was renamed under it, and copies the rest.
    const int complaints =
        std::system(("cp -r " + dir.path("db") + " " + target + " 2>&1").c_str());
    REQUIRE(WIFEXITED(complaints));
    const int64_t after = writer.committed();
    const Result<QueryResult> answer = MustRead(target)->Merge({});
    REQUIRE(answer.ok());
    const int64_t total = answer->profile.TotalWeight();
    CHECK(total >= before);
    CHECK(total <= after + 1);
    CHECK(answer->records == static_cast<uint64_t>(total));
    // Elsewhere it is a store like any other: it knows what it has, and takes what comes next.
    std::vector<std::string> warnings;
    const auto elsewhere = MustWrite(target, OptionsFor(&warnings));
    const auto last = elsewhere->LastWindows(SmallWindow("a", 1, kNoon).target);
    REQUIRE(last.size() == 1);
    CHECK(last[0].id == static_cast<uint64_t>(total));
    MustAppend(elsewhere.get(), SmallWindow("a", last[0].id + 1, kNoon));
    REQUIRE(elsewhere->Commit().ok());
    CHECK(TotalWeight(target) == total + 1);
  }
}

TEST_CASE("Store: a copy that is written to gets an id of its own, what is moved keeps its id") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const std::string id = MustWrite(dir.path("db"), OptionsFor(&warnings))->id();
  REQUIRE(std::system(("cp -a " + dir.path("db") + " " + dir.path("copy")).c_str()) == 0);
  std::filesystem::rename(dir.path("db"), dir.path("moved"));
  for (int i = 0; i < 2; ++i) {
    CHECK(MustWrite(dir.path("moved"), OptionsFor(&warnings))->id() == id);
  }
  CHECK(warnings.empty());
  const bool tells_births = ReadFile(dir.path("copy/STORE")).find("born ") != std::string::npos;
  const std::string copied = MustWrite(dir.path("copy"), OptionsFor(&warnings))->id();
  // A file system that does not tell when a file was born cannot tell a copy either.
  CHECK((copied != id) == tells_births);
  CHECK(Mentions(warnings, dir.path("copy") + " is a copy") == tells_births);
  warnings.clear();
  CHECK(MustWrite(dir.path("copy"), OptionsFor(&warnings))->id() == copied);
  CHECK(warnings.empty());
}

}  // namespace stacksampler::store
