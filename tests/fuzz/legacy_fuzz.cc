// SPDX-License-Identifier: MIT
//
// Stacks and their entries as a database of the original collector.
#include "fuzz/profile_checks.h"
#include "fuzz/store_bytes.h"
#include "store/legacy_scan.h"

using namespace stacksampler;

namespace {

void CheckEntries(std::string_view entries) {
  for (store::LegacyEntry entry;;) {
    const std::string_view word = store::NextLegacyWord(&entries);
    if (word.empty()) return;
    if (!store::ParseLegacyEntry(word, &entry)) continue;
    fuzz::Promise(entry.time_s >= 0 && entry.count >= 0, "times and counts are not negative");
    std::string written;
    store::PutLegacyEntry(entry, &written);
    std::string_view rest = written;
    store::LegacyEntry again;
    fuzz::Promise(store::ParseLegacyEntry(store::NextLegacyWord(&rest), &again), "it is read back");
    fuzz::Promise(
        again.target == entry.target && again.time_s == entry.time_s && again.count == entry.count,
        "and is the same");
  }
}

void CheckScan(const std::string& path) {
  auto file = store::LegacyFile::Open(path);
  fuzz::Promise(file.ok(), "a file in memory can be opened");
  store::LegacyScan scan(&*file, [](double) {});
  if (!scan.Count().ok()) return;
  fuzz::Promise(scan.names().Validate().ok(), "its stacks are valid");
  uint64_t taken = 0;
  for (const store::TimeSpan& span : scan.Spans(3)) {
    std::vector<store::HeldEntry> held;
    fuzz::Promise(scan.Take(span, &held).ok(), "what was counted can be taken");
    for (const store::HeldEntry& entry : held) {
      fuzz::Promise(entry.target < scan.targets().size(), "targets are known");
      fuzz::Promise(entry.stack < scan.names().stacks().size(), "stacks are known");
    }
    taken += held.size();
  }
  fuzz::Promise(taken == scan.entries(), "each entry is in one span");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto texts = fuzz::TextsOf(fuzz::AsText(data, size));
  for (const std::string_view text : texts) CheckEntries(text);
  CheckScan(fuzz::GdbmOf(texts, [](std::string_view, std::string_view value) { return value; }));
  return 0;
}
