// SPDX-License-Identifier: MIT
//
// What cannot be read, or looked at, for a moment is not taken for damaged, gone or old.
#include <cerrno>
#include <filesystem>

#include "store/fault_support.h"
#include "store/merger.h"
#include "store/retention.h"
#include "store/segment.h"
#include "store/store_dir.h"
#include "support/catch.h"

namespace stacksampler::store {

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
  const Query everything;
  std::string failed;
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
TEST_CASE("Faults: a total whose age is not known keeps its segments") {
  const TempDir dir;
  Unsynced([&] { Fill(dir); });
  std::vector<std::string> warnings;
  Unsynced([&] {
    // Ends the days before it.
    auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    Window window = WindowOf(4);
    window.end_ns += kDay * 4;
    MustAppend(writer.get(), window);
    REQUIRE(writer->Seal().ok());
  });
  const size_t segments = CountFiles(dir.path(), 'h');
  WriterOptions options;
  options.keep_segments.bytes = 1;
  const Query everything;
  std::string failed;
  for (uint64_t at = 0; at == 0 || !failed.empty(); ++at) {
    {
      const FaultyCalls calls({EIO, at, false, true});
      const auto warn = [&](const std::string& line) { warnings.push_back(line); };
      RemoveExpired(dir.path(), options, warn);
      failed = FaultyCalls::failed();
    }
    INFO("call " << at << " (" << failed << ")");
    CHECK(CountFiles(dir.path(), 'h') == segments);  // all totals are young
  }
  CHECK(Mentions(warnings, "stat "));
}

}  // namespace stacksampler::store
