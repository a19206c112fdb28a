// SPDX-License-Identifier: MIT
//
// Every system call of a repair fails in its turn: what was stored stays, and the next one does
// what this one could not.
#include <cerrno>
#include <string>

#include "store/check.h"
#include "store/fault_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

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

TEST_CASE("Faults: a repair takes nothing for damaged that cannot be read for a moment") {
  for (const int error : {EIO, EACCES, ENOSPC}) {
    for (const bool damaged : {false, true}) RepairUnderEveryFault(error, damaged);
  }
}
TEST_CASE("Faults: a repair waits for a journal that it cannot look for") {
  std::string failed;
  for (uint64_t at = 0; failed != "access"; ++at) {
    const TempDir dir;
    std::vector<std::string> warnings;
    Unsynced([&] {
      const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
      MustAppend(writer.get(), WindowOf(0));
      REQUIRE(writer->Seal().ok());
    });
    DamageRows(dir);
    REQUIRE(CountFiles(dir.path(), 'j') == 1);
    const auto before = Contents(dir);
    {
      const FaultyCalls calls({EIO, at, false, true});
      const Status status = RepairStore(dir.path()).status();
      failed = FaultyCalls::failed();
      REQUIRE_FALSE(failed.empty());
      INFO("call " << at << " (" << failed << "): " << status.message());
      if (failed == "access") CHECK(status.message().find("try again") != std::string::npos);
    }
    if (failed == "access") CHECK(Contents(dir) == before);
    Unsynced([&] { REQUIRE(RepairStore(dir.path()).ok()); });
    CHECK(TotalWeight(dir.path()) == WeightOf(0));
  }
}

}  // namespace stacksampler::store
