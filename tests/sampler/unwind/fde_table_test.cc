// SPDX-License-Identifier: MIT
//
// .eh_frame_hdr and .eh_frame as they should be, with a wrong byte, or cut off.
#include "sampler/unwind/fde_table.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "made_frames.h"
#include "sampler/unwind/fde_search.h"
#include "sampler/unwind/module_rows.h"
#include "sampler/unwind/stack_copy.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kCodeEnd = kMadeCode + 0x1000;

MadeFrames Two() { return MadeFrames({{0x100, 0x40, {}}, {0x200, 0x20, {}}}); }

bool Opens(const UnwindImage& image) { return FdeTable(image).Open(); }

// Reads the entry of a table of one function.
bool Reads(MadeFrames frames, Fde* fde) {
  FdeTable table(frames.Image());
  REQUIRE(table.Open());
  Cie cie;
  return table.Read(0, &cie, fde);
}

bool Reads(const MadeFrames& frames) {
  Fde fde;
  return Reads(frames, &fde);
}

MadeFrames One(const Bytes& cie = GccCie(), const Bytes& augmentation_data = {0}) {
  return MadeFrames({{0x100, 0x40, {}}}, cie, augmentation_data);
}

struct RowAt {
  uint32_t offset;
  bool is_gap;

  friend bool operator==(const RowAt&, const RowAt&) = default;
};

std::vector<RowAt> Rows(const std::vector<MadeFunction>& functions) {
  MadeFrames frames(functions);
  SideTable sides;
  std::vector<RowAt> rows;
  for (const Row& row : BuildRows(frames.Image(), kMadeCode, kCodeEnd, &sides)) {
    rows.push_back({row.offset, Rule::FromBits(row.rule).Is(NoRule::kGap)});
  }
  return rows;
}

}  // namespace

TEST_CASE("FdeTable: finds and reads the function that begins at or before an address") {
  MadeFrames frames = Two();
  FdeTable table(frames.Image());
  uintptr_t begin = 0;
  REQUIRE(table.Open(&begin));
  CHECK(begin == kMadeFrames + frames.header.size() + frames.table.size());
  CHECK(table.size() == 2);
  size_t i = 99;
  CHECK_FALSE(table.Find(kMadeCode + 0xff, &i));
  CHECK(i == 99);
  for (const uintptr_t pc : {0x100, 0x1ff}) {
    REQUIRE(table.Find(kMadeCode + pc, &i));
    CHECK(i == 0);
  }
  REQUIRE(table.Find(UINTPTR_MAX, &i));
  CHECK(i == 1);
  Cie cie;
  Fde fde;
  REQUIRE(table.Read(i, &cie, &fde));
  CHECK(fde.begin == kMadeCode + 0x200);
  CHECK(fde.end == kMadeCode + 0x220);
}

TEST_CASE("FdeTable: a table without functions opens and finds none") {
  MadeFrames frames({});
  FdeTable table(frames.Image());
  REQUIRE(table.Open());
  size_t i = 0;
  CHECK_FALSE(table.Find(kMadeCode, &i));
}

TEST_CASE("FdeTable: refuses tables of another version or encoding, or larger than their bytes") {
  for (const auto& [at, value] : std::vector<std::pair<size_t, uint8_t>>{
           {0, 2}, {1, 0x6b}, {2, 0x0f}, {3, 0x1b}, {8, 100}, {11, 0x80}}) {
    CAPTURE(at);
    MadeFrames frames = Two();
    frames.header[at] = value;
    CHECK_FALSE(Opens(frames.Image()));
  }
  MadeFrames frames = Two();
  UnwindImage image = frames.Image();
  REQUIRE(Opens(image));
  for (size_t size = 0; size < frames.header.size() + frames.table.size(); ++size) {
    image.size = size;
    CHECK_FALSE(Opens(image));
  }
}

TEST_CASE("FdeTable: refuses a header that lies outside of the bytes") {
  MadeFrames frames = Two();
  UnwindImage image = frames.Image();
  for (const uintptr_t header : {uintptr_t{0}, kMadeFrames - 1, kMadeFrames + image.size}) {
    image.header = header;
    CHECK_FALSE(Opens(image));
  }
}

TEST_CASE("FdeTable: refuses entries that lie outside, are cut off or have no CIE") {
  REQUIRE(Reads(One()));
  const size_t fde = 4 + GccCie().size();
  const auto with = [&](size_t at, uint32_t value) {
    MadeFrames frames = One();
    std::memcpy(frames.frames.data() + at, &value, sizeof value);
    return frames;
  };
  CHECK_FALSE(Reads(with(fde, 1000)));        // longer than the bytes
  CHECK_FALSE(Reads(with(fde, 2)));           // too short for a CIE's place
  CHECK_FALSE(Reads(with(fde, 10)));          // for its code
  CHECK_FALSE(Reads(with(fde, UINT32_MAX)));  // of a length in 8 bytes that are other things
  CHECK_FALSE(Reads(with(fde + 4, 0)));       // a CIE itself
  CHECK_FALSE(Reads(with(fde + 4, 8)));       // its CIE is no CIE
  CHECK_FALSE(Reads(with(fde + 4, 100000)));  // or outside
  CHECK_FALSE(Reads(with(fde + 12, 0)));      // no code
  MadeFrames far = One();
  far.table[7] = 0x40;
  CHECK_FALSE(Reads(far));
}

TEST_CASE("FdeTable: reads entries with lengths of 8 bytes, and with data for other unwinders") {
  MadeFrames frames = One();
  const size_t at = 4 + GccCie().size();
  const uint64_t length = frames.frames[at];
  Bytes longer = Little(UINT32_MAX, 4);
  const Bytes bytes = Little(length, 8);
  Append(bytes, &longer);
  frames.frames.erase(frames.frames.begin() + static_cast<ptrdiff_t>(at),
                      frames.frames.begin() + static_cast<ptrdiff_t>(at) + 4);
  frames.frames.insert(frames.frames.begin() + static_cast<ptrdiff_t>(at), longer.begin(),
                       longer.end());
  frames.frames[at + 12] += 8;  // the way to the CIE
  Fde fde;
  REQUIRE(Reads(frames, &fde));
  CHECK(fde.begin == kMadeCode + 0x108);  // counted from where it stands
  CHECK(fde.end == fde.begin + 0x40);
  CHECK(fde.program.empty());

  REQUIRE(Reads(One(GccCie(), {3, 1, 2, 3}), &fde));
  CHECK(fde.program.empty());
  CHECK_FALSE(Reads(One(GccCie(), {3, 1, 2})));
  const Bytes plain = {0, 0, 0, 0, 1, 0, 1, 0x78, 16};  // absolute addresses of 8 bytes
  CHECK_FALSE(Reads(One(plain, {})));
}

TEST_CASE("FindFde: gives the range from one function to the next, by tables that it knows alone") {
  const auto range_at = [](MadeFrames frames, uintptr_t pc) {
    const auto header = reinterpret_cast<uintptr_t>(frames.Image().bytes);
    const uintptr_t code = header + (kMadeCode - kMadeFrames);
    std::optional<FdeRange> range = FindFde(StackCopy(), header, code + pc);
    if (!range.has_value()) return FdeRange();
    return FdeRange{range->begin - code, range->end - code};
  };
  CHECK(range_at(Two(), 0xff).begin == 0);
  CHECK(range_at(Two(), 0x1ff).begin == 0x100);
  CHECK(range_at(Two(), 0x1ff).end == 0x200);
  CHECK(range_at(Two(), 0x200).begin == 0x200);
  for (const size_t encoding : {2, 3}) {
    MadeFrames other = Two();
    other.header[encoding] = 0x0b;
    CHECK(range_at(other, 0x1ff).begin == 0);
  }
}

TEST_CASE("FindFde: a table that cannot be read, or only to its entries, has no functions") {
  for (const uintptr_t nowhere : {0, 8}) {
    CHECK_FALSE(FindFde(StackCopy(), nowhere, UINTPTR_MAX).has_value());
  }
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  auto* pages = static_cast<uint8_t*>(
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(pages != MAP_FAILED);
  mprotect(pages + page, page, PROT_NONE);
  const Bytes header = Two().header;
  uint8_t* at = pages + page - header.size();
  std::memcpy(at, header.data(), header.size());
  CHECK_FALSE(FindFde(StackCopy(), reinterpret_cast<uintptr_t>(at), UINTPTR_MAX).has_value());
  munmap(pages, 2 * page);
}

TEST_CASE("BuildRows: what no function covers is a gap, and neighbours need none") {
  using Expected = std::vector<RowAt>;
  const Expected apart = {{0, true}, {0x100, false}, {0x140, true}, {0x200, false}, {0x220, true}};
  CHECK(Rows({{0x100, 0x40, {}}, {0x200, 0x20, {}}}) == apart);
  const Expected neighbours = {{0, true}, {0x100, false}, {0x180, true}};
  CHECK(Rows({{0x100, 0x40, {}}, {0x140, 0x40, {}}}) == neighbours);
  const Expected whole = {{0, false}};
  CHECK(Rows({{0, 0x1000, {}}}) == whole);
}

TEST_CASE("BuildRows: functions that overlap, or reach out of the code, are left out") {
  using Expected = std::vector<RowAt>;
  const Expected first = {{0, true}, {0x100, false}, {0x140, true}};
  CHECK(Rows({{0x100, 0x40, {}}, {0x120, 0x40, {}}}) == first);
  CHECK(Rows({{0x100, 0x40, {}}, {0xff0, 0x11, {}}}) == first);
  CHECK(Rows({{0x100, 0x40, {}}, {0x2000, 0x10, {}}}) == first);
}

TEST_CASE("BuildRows: a program that goes on behind its function ends with it") {
  using Expected = std::vector<RowAt>;
  const Expected one = {{0, true}, {0x100, false}, {0x140, true}};
  CHECK(Rows({{0x100, 0x40, {0x7f, 0x0e, 16}}}).size() == 4);
  CHECK(Rows({{0x100, 0x40, {0x02, 0x40, 0x0e, 16}}}) == one);
  CHECK(Rows({{0x100, 0x40, {0x02, 0xff, 0x0e, 16}}}) == one);
}

}  // namespace stacksampler::unwind
