// SPDX-License-Identifier: MIT
#include "store/legacy_import.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "store/dictionary.h"
#include "store/import_mark.h"
#include "store/legacy_scan.h"
#include "store/window_refs.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// So much of the old file's time is committed and marked at once: less than the store remembers a
// target's windows for, whose numbers keep a poll from being stored twice until it is marked.
constexpr int64_t kMarkEveryS = 86'400;
// A profile of so many seconds' stacks: what the old file ever had may be far more than an hour
// has.
constexpr int64_t kProfileS = 3600;

bool InOrder(const HeldEntry& a, const HeldEntry& b) {
  return std::tie(a.time_s, a.target, a.stack) < std::tie(b.time_s, b.target, b.stack);
}

class Importer {
 public:
  Importer(const std::string& dir, const LegacyScan& scan, StoreWriter* writer,
           ImportSummary* summary)
      : dir_(dir), scan_(scan), writer_(writer), summary_(summary) {}

  Status Start() {
    Result<ImportMark> mark = ReadImportMark(dir_, scan_.Source());
    if (!mark.ok()) return mark.status();
    mark_ = *std::move(mark);
    return Status::Ok();
  }

  // Appends all polls of `held`, whose times are behind those of earlier calls.
  Status Append(std::vector<HeldEntry>* held) {
    std::sort(held->begin(), held->end(), InOrder);
    for (size_t begin = 0, end = 0; begin < held->size(); begin = end) {
      const HeldEntry& first = (*held)[begin];
      for (end = begin; end < held->size() && SamePoll((*held)[end], first);) ++end;
      if (Status status = MarkDay(first.time_s); !status.ok()) return status;
      if (Status status = AppendPoll(&first, &first + (end - begin)); !status.ok()) return status;
    }
    return Status::Ok();
  }

  // Makes durable what was appended, and remembers it.
  Status Mark() {
    if (unmarked_.empty()) return Status::Ok();
    if (Status status = writer_->Commit(); !status.ok()) return status;
    for (const auto& [target, time_s] : unmarked_) mark_.times[target] = time_s;
    unmarked_.clear();
    return WriteImportMark(dir_, mark_);
  }

 private:
  static bool SamePoll(const HeldEntry& a, const HeldEntry& b) {
    return a.time_s == b.time_s && a.target == b.target;
  }

  Status MarkDay(int64_t time_s) {
    if (time_s < marked_until_s_) return Status::Ok();
    marked_until_s_ = time_s - time_s % kMarkEveryS + kMarkEveryS;
    return Mark();
  }

  Status AppendPoll(const HeldEntry* first, const HeldEntry* last) {
    const std::string& target = scan_.targets()[first->target];
    const auto known = mark_.times.find(target);
    if (known != mark_.times.end() && first->time_s <= known->second) {
      summary_->known_entries += static_cast<uint64_t>(last - first);
      return Status::Ok();
    }
    MakeProfile(first, last);
    const int64_t time_ns = first->time_s * kSecondNs;
    const Record record{
        LegacyTargetLabels(target),
        {std::string(kImportInstance) + mark_.source, static_cast<uint64_t>(first->time_s)},
        time_ns,
        time_ns,
        &*profile_,
        profile_number_};
    const Result<bool> added = writer_->Append(record);
    if (!added.ok() && added.status().code() != StatusCode::kInvalidArgument &&
        added.status().code() != StatusCode::kDataLoss) {
      return added.status();
    }
    unmarked_[target] = first->time_s;
    Count(added, time_ns, static_cast<uint64_t>(last - first));
    return Status::Ok();
  }

  void Count(const Result<bool>& added, int64_t time_ns, uint64_t entries) {
    if (!added.ok()) {
      ++summary_->refused_records;
    } else if (!*added) {
      summary_->known_entries += entries;
    } else {
      if (summary_->records++ == 0) summary_->first_ns = time_ns;
      summary_->last_ns = time_ns;
    }
  }

  void MakeProfile(const HeldEntry* first, const HeldEntry* last) {
    if (!profile_ || first->time_s >= profile_until_s_) {
      profile_until_s_ = first->time_s - first->time_s % kProfileS + kProfileS;
      profile_.emplace();
      profile_number_ = NextProfileNumber();
      copier_.emplace(scan_.names(), &*profile_);
    }
    profile_->ClearSamples();
    while (first != last) {
      const StackId stack = first->stack;
      int64_t sum = 0;
      for (; first != last && first->stack == stack; ++first) {
        if (!__builtin_add_overflow(sum, first->count, &sum)) continue;
        sum = INT64_MAX;
        ++summary_->saturated;
      }
      profile_->AddSample(copier_->Copy(stack), 0, sum, 0);
    }
  }

  const std::string dir_;
  const LegacyScan& scan_;
  StoreWriter* const writer_;
  ImportSummary* const summary_;
  ImportMark mark_;
  std::map<std::string, int64_t> unmarked_;
  int64_t marked_until_s_ = INT64_MIN;
  std::optional<Profile> profile_;
  std::optional<StackCopier> copier_;
  uint64_t profile_number_ = 0;
  int64_t profile_until_s_ = 0;
};

Status NothingToImport(const std::string& path, const LegacyScan& scan) {
  return {StatusCode::kInvalidArgument,
          path + " holds no \"host:port:time:count\" of the original collector" +
              (scan.malformed() > 0 ? ", but for example \"" + scan.first_malformed() +
                                          "\"; is it another program's?"
                                    : "; it is empty")};
}

Result<ImportSummary> CountAll(const LegacyFile& file, LegacyScan* scan) {
  if (Status status = scan->Count(); !status.ok()) return status;
  if (Status status = file.CheckUnchanged(); !status.ok()) return status;
  if (scan->entries() == 0) return NothingToImport(file.path(), *scan);
  ImportSummary summary;
  summary.stacks = scan->stacks();
  summary.entries = scan->entries();
  summary.malformed = scan->malformed();
  summary.first_malformed = scan->first_malformed();
  return summary;
}

// One pass of the file, and its part of the whole import's progress.
Status ImportSpan(const TimeSpan& span, const LegacyFile& file, LegacyScan* scan,
                  Importer* importer) {
  std::vector<HeldEntry> held;
  if (Status status = scan->Take(span, &held); !status.ok()) return status;
  if (Status status = file.CheckUnchanged(); !status.ok()) return status;
  return importer->Append(&held);
}

}  // namespace

Result<ImportSummary> ImportLegacy(const std::string& path, const std::string& dir,
                                   const ImportOptions& options) {
  Result<LegacyFile> file = LegacyFile::Open(path);
  if (!file.ok()) return file.status();
  size_t passes_done = 0;
  size_t passes = 1;
  LegacyScan scan(&*file, [&](double part) {
    options.on_progress((static_cast<double>(passes_done) + part) / static_cast<double>(passes));
  });
  Result<ImportSummary> summary = CountAll(*file, &scan);
  if (!summary.ok()) return summary;
  const Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, options.writer);
  if (!writer.ok()) return writer.status();
  Importer importer(dir, scan, writer->get(), &*summary);
  if (Status status = importer.Start(); !status.ok()) return status;
  const std::vector<TimeSpan> spans = scan.Spans(options.max_held_entries);
  passes = spans.size();
  for (const TimeSpan& span : spans) {
    if (Status status = ImportSpan(span, *file, &scan, &importer); !status.ok()) return status;
    ++passes_done;
  }
  if (Status status = importer.Mark(); !status.ok()) return status;
  return summary;
}

}  // namespace stacksampler::store
