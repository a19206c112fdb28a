// SPDX-License-Identifier: MIT
//
// Windows larger than what a server takes at once.
#include "store/clickhouse/shipment.h"

#include "store/clickhouse_server.h"
#include "store/clickhouse_support.h"

namespace stacksampler::store {
namespace {

constexpr size_t kInsertBytes = size_t{64} << 10;

ClickhouseOptions InSmallPieces(Told* told) {
  ClickhouseOptions options = Impatient(told);
  options.sender.piece_bytes = kInsertBytes / 4;
  options.sender.max_insert_bytes = kInsertBytes;
  return options;
}

// Stacks of `depth` frames that all share, and a leaf of their own each.
Window WideWindow(uint64_t id, size_t depth, size_t stacks) {
  Window window = SmallWindow("a", id, kNoon + static_cast<int64_t>(id));
  Profile& profile = window.profile;
  const LabelSetId labels = profile.InternLabels({{"thread", "t"}});
  StackId trunk = 0;
  for (size_t i = 0; i < depth; ++i) {
    trunk = profile.InternStack(trunk, profile.InternFrame("inlined " + std::to_string(i)));
  }
  for (size_t i = 0; i < stacks; ++i) {
    const FrameId leaf = profile.InternFrame("leaf " + std::to_string(i));
    profile.AddSample(profile.InternStack(trunk, leaf), labels, 1, profile.period_ns);
  }
  return window;
}

}  // namespace

TEST_CASE("Shipment: a window that names more than an insert may hold is sent in pieces") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  Told told;
  const std::vector<Window> windows = {WideWindow(1, 1000, 40), WideWindow(2, 1000, 41)};
  const auto writer = Write(url, dir.path("outbox"), InSmallPieces(&told));
  for (const Window& window : windows) MustAppend(writer.get(), window);
  MustSeal(writer.get());
  CheckStored(url, windows);
  CHECK(told.lines().empty());
  CHECK(SharedServer(0).Ask(url.database, "SELECT count() FROM stacks") == "42");
}

TEST_CASE("Shipment: a row that no insert can hold is counted, kept, and holds nothing up") {
  const ClickhouseUrl url = NewDatabase(1);
  const TempDir dir;
  Told told;
  const auto writer = Write(url, dir.path("outbox"), InSmallPieces(&told));
  MustAppend(writer.get(), WideWindow(1, 1, 5000));
  MustAppend(writer.get(), SmallWindow("a", 2, kNoon + 2));
  MustSeal(writer.get());
  CHECK(Journals(dir.path("outbox")) == 1);  // the copy
  CHECK(CountFiles(dir.path("outbox"), 'j') == 1);
  CHECK(told.Has("rows_too_large 1"));
  CheckStored(url, {SmallWindow("a", 2, kNoon + 2)});
}

}  // namespace stacksampler::store
