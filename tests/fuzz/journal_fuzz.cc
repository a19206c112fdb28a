// SPDX-License-Identifier: MIT
//
// The bytes as a journal, and its texts as the records of one whose checksums are good.
#include "store/journal.h"

#include <fcntl.h>

#include <set>

#include "base/unique_fd.h"
#include "fuzz/profile_checks.h"
#include "fuzz/store_bytes.h"
#include "store/journal_tail.h"

using namespace stacksampler;

namespace {

void CheckFrames(std::string_view bytes) {
  const std::string& path = fuzz::FileOf(bytes);
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  size_t payload_bytes = 0;
  const auto scan = store::ScanJournal(fd, path, 0, [&](std::string_view payload) {
    payload_bytes += payload.size();
    return true;
  });
  fuzz::Promise(scan.ok(), "a journal that can be read is scanned");
  fuzz::Promise(scan->good_bytes <= bytes.size() && payload_bytes <= scan->good_bytes,
                "records lie in the file");
}

void CheckSeries(const store::JournalTail& tail, const Profile& vocabulary) {
  const store::VolumeQuery steps = {0, int64_t{1} << 60, {}, int64_t{1} << 58};
  store::VolumeSums volumes(steps, vocabulary);
  tail.AddVolumes(&volumes);
  static_cast<void>(volumes.Take());
  std::set<LabelSetId> found;
  tail.CollectSeries({}, &found);
  for (const LabelSetId id : found) {
    fuzz::Promise(id < vocabulary.label_sets().size(), "label sets are known");
  }
  fuzz::Promise((tail.Contents({}) == 0) == tail.log().records().empty(), "records have a name");
}

void CheckRecords(const std::string& path) {
  Profile vocabulary;
  store::JournalTail tail(path);
  fuzz::Promise(tail.Refresh(&vocabulary).ok(), "a journal that can be read is read");
  int64_t weight = 0;
  for (const store::StoredRecord& record : tail.log().records()) weight += record.weight;
  const store::SampleTimesQuery any_time = {0, INT64_MAX, {}, true};
  store::TimesSums sums(any_time, vocabulary);
  tail.AddTimes(&sums);
  const auto times = sums.Take();
  if (times.ok()) fuzz::CheckProfile(times->profile);
  CheckSeries(tail, vocabulary);
  store::Query query;
  query.keep_labels = true;
  store::Merger merger(query, vocabulary);
  tail.Merge(&merger);
  const auto profile = merger.Take();
  if (!profile.ok()) return;
  fuzz::CheckProfile(*profile);
  fuzz::Promise(profile->TotalWeight() == weight, "a query gives all that was taken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = fuzz::AsText(data, size);
  CheckFrames(bytes);
  const std::string& path = fuzz::FileOf("");
  auto journal = store::Journal::Open(path, 0);
  fuzz::Promise(journal.ok(), "a journal can be made in memory");
  for (const std::string_view payload : fuzz::TextsOf(bytes)) {
    fuzz::Promise(journal->Append(payload).ok(), "a record can be appended");
  }
  CheckRecords(path);
  return 0;
}
