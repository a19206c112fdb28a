// SPDX-License-Identifier: MIT
//
// What `collector check` finds of sums whose weight is right and whose stacks are not.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "store/cells.h"
#include "store/check.h"
#include "store/checksum.h"
#include "store/gdbm_file.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// Three stacks of one series; the weights 2 and 3 have as many binary digits, 40 has more.
Window ThreeStacks(uint64_t id, int64_t end_ns) {
  Window window = SmallWindow("a", id, end_ns, 40);
  Profile& profile = window.profile;
  const LabelSetId thread = profile.samples().front().labels;
  const auto add = [&](const char* name, int64_t weight) {
    profile.AddSample(profile.InternStack(0, profile.InternFrame(name)), thread, weight,
                      weight * profile.period_ns);
  };
  add("b", 2);
  add("c", 3);
  return window;
}

// A segment of each of two days, and the first one's total.
void FillTwoDays(const std::string& dir) {
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir, OptionsFor(&warnings));
  for (uint64_t day = 0; day < 2; ++day) {
    MustAppend(writer.get(), ThreeStacks(day + 1, kNoon + static_cast<int64_t>(day) * kDay));
    REQUIRE(writer->Seal().ok());
  }
  REQUIRE(CountFiles(dir, 'd') == 1);
}

// The first file of a kind.
std::string First(const std::string& dir, char letter) {
  std::string first;
  for (const std::string& name : FilesIn(dir)) {
    if (name[0] == letter && (first.empty() || name < first)) first = name;
  }
  return dir + "/" + first;
}

// Writes the file anew with another payload under one key: no check tells it from a good one.
void Rewrite(const std::string& path, const std::string& changed,
             const std::function<std::string(const std::string&)>& change) {
  Result<GdbmFile> from = GdbmFile::Open(path);
  REQUIRE(from.ok());
  const Status written = WriteGdbmFile(path + "x", [&](GdbmFile* to) {
    std::optional<std::string> key;
    for (Result<bool> more = from->NextKey(&key); more.ok() && *more; more = from->NextKey(&key)) {
      const Result<std::string> value = from->Get(*key);
      REQUIRE(value.ok());
      if (*key != changed) {
        REQUIRE(to->Put(*key, *value).ok());
        continue;
      }
      const Result<std::string> payload = UnpackBlock(*key, *value);
      REQUIRE(payload.ok());
      REQUIRE(to->Put(*key, PackBlock(*key, change(*payload))).ok());
    }
    return Status::Ok();
  });
  REQUIRE(written.ok());
  std::filesystem::rename(path + "x", path);
}

// The sums with two weights in each other's place; of the file's, count and period stand before.
std::string Swapped(const std::string& payload, bool of_file, int64_t one, int64_t other) {
  ByteReader in(payload);
  std::string out;
  for (int i = 0; of_file && i < 2; ++i) PutVarint(&out, in.Varint());
  std::vector<Cell> cells;
  size_t swapped = 0;
  const bool good = ForEachCell(in.Text(), 100, [&](StackId stack, int64_t weight) {
    swapped += weight == one || weight == other ? 1 : 0;
    cells.push_back({stack, weight == one ? other : weight == other ? one : weight});
    return true;
  });
  REQUIRE(good);
  REQUIRE(in.done());
  REQUIRE(swapped == 2);
  PutText(&out, EncodeCells(cells));
  return out;
}

std::vector<std::string> ProblemsOf(const std::string& dir) {
  const Result<CheckReport> report = CheckStore(dir);
  REQUIRE(report.ok());
  return report->problems;
}

}  // namespace

TEST_CASE("Check: sums of the right weight that are of other stacks are named") {
  struct Case {
    char letter;
    const char* key;
    int64_t one, other;
    const char* problem;
  };
  // Where a target's sums say another order, its rows are read in that one: the file's sums tell.
  const Case cases[] = {
      {'h', "total/0", 2, 3, ": total/0 is not the sum of its rows"},
      {'h', "total/0", 2, 40, ": total is not the sum of its targets"},
      {'h', "total", 2, 3, ": total is not the sum of its targets"},
      {'d', "total/0", 2, 3, ": total is not the sum of its targets"},
      {'d', "total", 2, 40, ": total is not the sum of its targets"},
  };
  for (const Case& planted : cases) {
    const TempDir dir;
    FillTwoDays(dir.path());
    const std::string path = First(dir.path(), planted.letter);
    Rewrite(path, planted.key, [](const std::string& payload) { return payload; });
    CHECK(ProblemsOf(dir.path()).empty());
    const bool of_file = std::string(planted.key) == "total";
    Rewrite(path, planted.key, [&](const std::string& payload) {
      return Swapped(payload, of_file, planted.one, planted.other);
    });
    CHECK(ProblemsOf(dir.path()) == std::vector<std::string>{path + planted.problem});
  }
}

}  // namespace stacksampler::store
