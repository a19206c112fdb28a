// SPDX-License-Identifier: MIT
//
// Input that no sane target sends, and clocks and disks as they are: what was stored stays right.
#include <cerrno>

#include "store/faulty_calls.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// One window of so many stacks "<name><i / 1000>;<name><i % 1000>", each of weight 1.
Window WideWindow(uint64_t id, int stacks, const std::string& name) {
  Window window = SmallWindow("a", id, kNoon + static_cast<int64_t>(id) * kSecond, 0);
  Profile& profile = window.profile;
  for (int i = 0; i < stacks; ++i) {
    const FrameId root = profile.InternFrame(name + std::to_string(i / 1000));
    const FrameId leaf = profile.InternFrame(name + std::to_string(i % 1000));
    profile.AddSample(profile.InternStack(profile.InternStack(0, root), leaf), 0, 1,
                      profile.period_ns);
  }
  return window;
}

}  // namespace

TEST_CASE("Bad input: a clock that steps back by an hour costs no window and moves none") {
  const TempDir dir;
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= 180; ++id) {
    const int64_t back_ns = id > 90 ? kHour : 0;
    const auto minutes = static_cast<int64_t>(id) * 60 * kSecond;
    windows.push_back(SmallWindow("a", id, kNoon + minutes - back_ns));
    MustAppend(writer.get(), windows.back());
  }
  REQUIRE(writer->Commit().ok());
  const auto reader = MustRead(dir.path());
  for (int sealed = 0; sealed < 2; ++sealed) {
    for (const int64_t minute : {0, 29, 45, 60, 89, 100}) {
      CheckAnswer(reader.get(), windows, {kNoon + minute * 60 * kSecond, INT64_MAX, {}, false});
      CheckAnswer(reader.get(), windows, {INT64_MIN, kNoon + minute * 60 * kSecond, {}, true});
    }
    REQUIRE(writer->Seal().ok());
  }
  CHECK(warnings.empty());
}

TEST_CASE("Bad input: a poll of a million new stacks is stored, and does not stay in the way") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  MustAppend(writer.get(), SmallWindow("a", 1, kNoon));
  MustAppend(writer.get(), WideWindow(2, 1'000'000, "f"));
  REQUIRE(writer->Commit().ok());
  MustAppend(writer.get(), SmallWindow("a", 3, kNoon + 3 * kSecond));
  REQUIRE(writer->Seal().ok());
  CHECK(TotalWeight(dir.path()) == 1'000'002);
}

TEST_CASE("Bad input: a frame name of a megabyte is stored as it is") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  std::vector<Window> windows = {WideWindow(1, 2, std::string(1 << 20, 'x')),
                                 SmallWindow("a", 2, kNoon + 2 * kSecond)};
  for (const Window& window : windows) MustAppend(writer.get(), window);
  const auto reader = MustRead(dir.path());
  CheckAnswer(reader.get(), windows, {});
  REQUIRE(writer->Seal().ok());
  CheckAnswer(reader.get(), windows, {});
}

TEST_CASE("Bad input: a file system that was mounted read-only is named when a writer comes") {
  const TempDir dir;
  MustAppend(MustWrite(dir.path(), {}).get(), SmallWindow("a", 1, kNoon));
  Status status;
  {
    const FaultyCalls calls({EROFS, 0, true});
    status = OpenWriter(dir.path()).status();
  }
  INFO(status.message());
  CHECK(status.code() == StatusCode::kPermissionDenied);
  CHECK(status.message().find(dir.path()) != std::string::npos);
  CHECK(TotalWeight(dir.path()) == 1);
}

}  // namespace stacksampler::store
