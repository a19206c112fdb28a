// SPDX-License-Identifier: MIT
#include "store/killed_import.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <random>
#include <thread>

#include "store/legacy_database.h"
#include "store/legacy_import.h"
#include "support/catch.h"

namespace stacksampler::store {

namespace {

constexpr int kPolls = 160;
constexpr int kPollsADay = 16;

ImportOptions SmallImport() {
  ImportOptions import;
  import.writer = SealingAfter(1200).options;
  return import;
}

pid_t StartImport(const std::string& from, const std::string& dir,
                  const std::function<void()>& before) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    before();
    _exit(ImportLegacy(from, dir, SmallImport()).ok() ? 0 : 1);
  }
  return child;
}

// True when the import came to its end before it was killed.
bool ImportAndKill(const std::string& from, const std::string& dir,
                   std::chrono::microseconds after) {
  const pid_t child = StartImport(from, dir, [] {});
  std::this_thread::sleep_for(after);
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return WIFEXITED(status);
}

void LookAtImport(const std::string& dir, LeftBehind* left) {
  // What is there so far is a part of it, each poll whole.
  const int64_t total = TotalWeight(dir);
  REQUIRE(total <= 2 * kPolls);
  REQUIRE(total % 2 == 0);
  left->half_imports += total > 0 && total < 2 * kPolls ? 1 : 0;
}

void CheckImportGoesOn(const TempDir& dir) {
  REQUIRE(ImportLegacy(dir.path("old"), dir.path("db"), SmallImport()).ok());
  REQUIRE(TotalWeight(dir.path("db")) == 2 * kPolls);
  REQUIRE(MustRead(dir.path("db"))->Merge({})->records == kPolls);
}

}  // namespace

Killed KillImports(int kills, uint64_t seed) {
  std::mt19937_64 random(seed);
  Killed killed;
  for (int round = 0; killed.kills < kills && round < kills; ++round) {
    const TempDir dir;
    WriteLegacy(dir.path("old"), kPolls, kPollsADay);
    MustWrite(dir.path("db"), {});
    for (int i = 0; i < 8 && killed.kills < kills; ++i) {
      const std::chrono::microseconds after(500 + random() % 20'000);
      if (ImportAndKill(dir.path("old"), dir.path("db"), after)) break;
      ++killed.kills;
      LookAtImport(dir.path("db"), &killed.left);
    }
    CheckImportGoesOn(dir);
  }
  return killed;
}

LeftBehind KillImportAt(const Point& point) {
  const TempDir dir;
  WriteLegacy(dir.path("old"), kPolls, kPollsADay);
  CheckWasKilled(StartImport(dir.path("old"), dir.path("db"), [&] { point.Await(); }));
  LeftBehind left;
  LookAtImport(dir.path("db"), &left);
  CheckImportGoesOn(dir);
  return left;
}

}  // namespace stacksampler::store
