// SPDX-License-Identifier: MIT
//
// What a reader keeps between its queries, as the directory changes.
#include "store/kept_files.h"

#include <filesystem>

#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// Files of `count` sealed windows, an hour each.
std::vector<std::string> SealWindows(const std::string& dir, uint64_t count) {
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir, OptionsFor(&warnings));
  for (uint64_t id = 1; id <= count; ++id) {
    MustAppend(writer.get(), SmallWindow("web-1", id, kNoon + static_cast<int64_t>(id) * kHour));
    REQUIRE(writer->Seal().ok());
  }
  std::vector<std::string> segments;
  for (const std::string& name : FilesIn(dir)) {
    if (name[0] == 'h') segments.push_back(PathIn(dir, name));
  }
  return segments;
}

}  // namespace

TEST_CASE("Kept files: what was removed from the store is kept no longer, the others stay") {
  const TempDir dir;
  const std::vector<std::string> segments = SealWindows(dir.path(), 3);
  REQUIRE(segments.size() == 3);
  KeptFiles files(dir.path());
  REQUIRE(files.List().ok());
  for (const std::string& segment : segments) REQUIRE(files.SegmentAt(segment).ok());
  const KeptSegment* const newest = *files.SegmentAt(segments.back());
  REQUIRE(files.kept_segments() == 3);

  REQUIRE(files.List().ok());
  CHECK(files.kept_segments() == 3);
  std::filesystem::remove(segments.front());
  REQUIRE(files.List().ok());
  CHECK(files.kept_segments() == 2);
  CHECK(*files.SegmentAt(segments.back()) == newest);
  CHECK(files.kept_segments() == 2);
}

TEST_CASE("Kept files: the orders of four segments are kept, of those that were used last") {
  const TempDir dir;
  std::vector<std::string> warnings;
  {
    const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    for (uint64_t id = 1; id <= 12; ++id) {
      MustAppend(writer.get(),
                 SmallWindow("web-1", id, kNoon + static_cast<int64_t>(id) * kHour / 2));
      if (id % 2 == 0) REQUIRE(writer->Seal().ok());
    }
  }
  KeptFiles files(dir.path());
  REQUIRE(files.List().ok());
  std::vector<KeptSegment*> kept;
  for (const Stem& stem : files.listing().segments) {
    kept.push_back(*files.SegmentAt(files.Path(SegmentName(stem))));
    Query query;
    query.until_ns = kept.back()->segment.meta().first_end_ns;
    Merger merger(query, *files.vocabulary());
    REQUIRE(kept.back()->segment.Merge({&merger}, files.vocabulary()).ok());
    REQUIRE(kept.back()->segment.keeps_orders());
  }
  REQUIRE(kept.size() == 6);
  REQUIRE(files.SegmentAt(files.Path(SegmentName(files.listing().segments.front()))).ok());
  REQUIRE(files.List().ok());
  for (size_t i = 0; i < kept.size(); ++i) {
    CHECK(kept[i]->segment.keeps_orders() == (i == 0 || i > 2));
  }
}

}  // namespace stacksampler::store
