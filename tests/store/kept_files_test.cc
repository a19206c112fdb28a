// SPDX-License-Identifier: MIT
//
// What a reader keeps between its queries, as the directory changes.
#include "store/kept_files.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <set>

#include "store/file_walk.h"
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

constexpr size_t kStacksOfDeploy = 4000;

// A window of a program that was deployed anew: all of its stacks have other names.
Window AfterDeploy(uint64_t number) {
  Window window = SmallWindow("web-1", number, kNoon + static_cast<int64_t>(number) * kHour);
  for (size_t i = 2; i < kStacksOfDeploy; ++i) {
    const std::string name = "f" + std::to_string(number) + "_" + std::to_string(i);
    window.profile.AddSample(window.profile.InternStack(0, window.profile.InternFrame(name)), 0, 1,
                             window.profile.period_ns);
  }
  return window;
}

std::string SealDeploy(StoreWriter* writer, const std::string& dir, uint64_t number) {
  MustAppend(writer, AfterDeploy(number));
  REQUIRE(writer->Seal().ok());
  const Result<Listing> listing = ListStore(dir);
  REQUIRE(listing.ok());
  return PathIn(dir, SegmentName(listing->segments.back()));
}

// The names of a file, as the vocabulary has them.
std::set<std::string> NamesOf(KeptFiles* files, const std::string& path) {
  Segment* const segment = &(*files->SegmentAt(path))->segment;
  Result<GdbmFile> file = segment->OpenFile();
  REQUIRE(file.ok());
  REQUIRE(segment->Load(&*file, files->vocabulary()).ok());
  std::set<std::string> names;
  const Profile& vocabulary = *files->vocabulary();
  for (const StackId id : segment->ids().stacks()) {
    if (id != 0) names.insert(vocabulary.FrameName(vocabulary.stacks()[id].frame));
  }
  return names;
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

TEST_CASE(
    "Kept files: a file outside of a question's range is looked at once a listing, others each "
    "time") {
  const TempDir dir;
  const std::vector<std::string> segments = SealWindows(dir.path(), 2);
  KeptListing::Clock::time_point now;
  KeptFiles files(dir.path(), [&now] { return now; });
  REQUIRE(files.List().ok());
  now += KeptListing::kSettles;
  REQUIRE(files.List().ok());
  REQUIRE(files.SegmentAt(segments[0]).ok());
  const auto visit = [&](const Range& range, size_t* visited) {
    FileWalk walk(&files, range);
    REQUIRE(walk.Visit({[](const SegmentMeta&) { return Use::kSegments; },
                        [&](Segment*) {
                          ++*visited;
                          return Status::Ok();
                        },
                        [](const JournalTail&) {}})
                .ok());
    return walk.warnings().size();
  };
  // In its place, so that the directory stays as it is.
  WriteFile(segments[0], "nothing of a gdbm file is left");
  REQUIRE(files.List().ok());
  size_t visited = 0;
  CHECK(visit({kNoon + 2 * kHour, kNoon + 3 * kHour}, &visited) == 0);
  CHECK(visited == 1);
  CHECK(visit({}, &visited) == 1);
  CHECK(visited == 2);
  now += KeptListing::kLongest;
  REQUIRE(files.List().ok());
  CHECK(visit({kNoon + 2 * kHour, kNoon + 3 * kHour}, &visited) == 1);
}

TEST_CASE("Kept files: names that went with their files are forgotten, those in use stay right") {
  constexpr size_t kFiles = 5;
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  KeptFiles files(dir.path());
  std::vector<std::string> paths;
  size_t most_stacks = 0;
  for (uint64_t number = 1; number <= 30; ++number) {
    paths.push_back(SealDeploy(writer.get(), dir.path(), number));
    if (paths.size() > kFiles) {
      std::filesystem::remove(paths.front());
      paths.erase(paths.begin());
    }
    REQUIRE(files.List().ok());
    for (const std::string& path : paths) {
      const std::set<std::string> names = NamesOf(&files, path);
      CHECK(names.size() == kStacksOfDeploy);
      const uint64_t deploy = number - (paths.size() - 1) + (&path - paths.data());
      CHECK(names.count("f" + std::to_string(deploy) + "_2") == 1);
    }
    most_stacks = std::max(most_stacks, files.vocabulary()->stacks().size());
  }
  CHECK(files.kept_segments() == kFiles);
  // Half as much again, and a quarter until it is looked at, and what came since.
  CHECK(most_stacks <= (kFiles * 15 / 8 + 2) * kStacksOfDeploy);
  CHECK(warnings.empty());
}

TEST_CASE(
    "Kept files: what rows of four segments are read with is kept, of those that were used last") {
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
    REQUIRE(kept.back()->segment.keeps_rows());
  }
  REQUIRE(kept.size() == 6);
  REQUIRE(files.SegmentAt(files.Path(SegmentName(files.listing().segments.front()))).ok());
  REQUIRE(files.List().ok());
  for (size_t i = 0; i < kept.size(); ++i) {
    CHECK(kept[i]->segment.keeps_rows() == (i == 0 || i > 2));
  }
}

TEST_CASE("Kept files: where records end is forgotten with what rows are read with") {
  const TempDir dir;
  std::vector<std::string> warnings;
  {
    const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
    for (uint64_t id = 1; id <= 2; ++id) {
      MustAppend(writer.get(),
                 SmallWindow("web-1", id, kNoon + static_cast<int64_t>(id) * kSecond));
    }
    REQUIRE(writer->Seal().ok());
  }
  const Result<Listing> listing = ListStore(dir.path());
  REQUIRE(listing.ok());
  Profile vocabulary;
  Result<Segment> segment =
      Segment::Open(PathIn(dir.path(), SegmentName(listing->segments.front())));
  REQUIRE(segment.ok());
  const int64_t end_ns = segment->meta().last_end_ns;
  REQUIRE(segment->Narrow({0, end_ns}, &vocabulary).ok());
  CHECK_FALSE(segment->keeps_rows());  // the range cuts nothing
  const auto narrow = segment->Narrow({0, end_ns - 1}, &vocabulary);
  REQUIRE(narrow.ok());
  REQUIRE(narrow->has_value());
  CHECK((*narrow)->until_ns == segment->meta().first_end_ns);
  CHECK(segment->keeps_rows());
  segment->ForgetRows();
  CHECK_FALSE(segment->keeps_rows());
}

TEST_CASE("Kept files: what is known of a segment is not used for another one of its name") {
  const TempDir dir;
  const std::vector<std::string> segments = SealWindows(dir.path(), 2);
  KeptFiles files(dir.path());
  REQUIRE(files.List().ok());
  Segment* const segment = &(*files.SegmentAt(segments.front()))->segment;
  const auto merge = [&](Segment* from) {
    const Query everything;
    Merger merger(everything, *files.vocabulary());
    return from->Merge({&merger}, files.vocabulary());
  };
  REQUIRE(merge(segment).ok());
  std::filesystem::rename(segments.back(), segments.front());
  CHECK(merge(segment).code() == StatusCode::kNotFound);
  CHECK(merge(&(*files.SegmentAt(segments.front()))->segment).ok());
}

TEST_CASE(
    "Kept files: all goes after a use that threw, and names are looked at anew from then on") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  KeptFiles files(dir.path());
  std::vector<std::string> paths;
  for (uint64_t number = 1; number <= 8; ++number) {
    paths.push_back(SealDeploy(writer.get(), dir.path(), number));
    REQUIRE(files.List().ok());
    NamesOf(&files, paths.back());
  }
  REQUIRE(files.List().ok());
  const auto end_memory = []() -> bool { throw std::bad_alloc(); };
  CHECK_THROWS(files.Using(end_memory));
  CHECK(files.kept_segments() == paths.size());
  REQUIRE(files.List().ok());
  CHECK(files.kept_segments() == 0);
  CHECK(files.vocabulary()->stacks().size() == 1);

  size_t most_stacks = 0;
  for (uint64_t number = 9; number <= 20; ++number) {
    std::filesystem::remove(paths.back());
    paths.push_back(SealDeploy(writer.get(), dir.path(), number));
    REQUIRE(files.List().ok());
    CHECK(NamesOf(&files, paths.back()).size() == kStacksOfDeploy);
    most_stacks = std::max(most_stacks, files.vocabulary()->stacks().size());
  }
  CHECK(most_stacks <= 6 * kStacksOfDeploy);
}

}  // namespace stacksampler::store
