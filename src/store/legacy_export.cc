// SPDX-License-Identifier: MIT
#include "store/legacy_export.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/errno_status.h"
#include "stacksampler/folded.h"
#include "store/gdbm_file.h"
#include "store/legacy_entry.h"
#include "store/record_visit.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr uint32_t kNone = UINT32_MAX;

struct OutEntry {
  uint32_t key = 0;  // of the old layout: several of our stacks may look the same there
  uint32_t target = 0;
  int64_t time_s = 0;
  int64_t count = 0;
};

bool InOrder(const OutEntry& a, const OutEntry& b) {
  return std::tie(a.key, a.time_s, a.target) < std::tie(b.key, b.time_s, b.target);
}

// Dense numbers for texts, in order of appearance.
class Numbers {
 public:
  uint32_t Of(const std::string& text) {
    const auto [it, is_new] = ids_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(&it->first);
    return it->second;
  }
  [[nodiscard]] const std::string& Text(uint32_t id) const { return *texts_[id]; }

 private:
  std::map<std::string, uint32_t> ids_;
  std::vector<const std::string*> texts_;
};

std::string FoldedKey(const Profile& profile, StackId stack) {
  std::string key;
  for (const FrameId frame : profile.StackFrames(stack)) {
    if (!key.empty()) key += ';';
    key += EscapeFoldedFrame(profile.FrameName(frame));
  }
  return key.empty() ? "[no stack]" : key;
}

class Exporter {
 public:
  Exporter(std::string dir, const ExportOptions& options, GdbmFile* out, ExportSummary* summary)
      : dir_(std::move(dir)), options_(options), out_(out), summary_(summary) {}

  // What is stored meanwhile mostly ends later; what does not may be in some passes and not in
  // others, but never twice.
  Status Run() {
    if (Status status = CountCells(); !status.ok()) return status;
    const std::vector<uint32_t> ends = PartEnds();
    uint32_t begin = 0;
    for (size_t part = 0; part < ends.size(); begin = ends[part], ++part) {
      options_.on_progress(static_cast<double>(part) / static_cast<double>(ends.size()));
      if (Status status = WritePart(begin, ends[part]); !status.ok()) return status;
    }
    return Status::Ok();
  }

 private:
  Status Visit(const std::function<void(const VisitedCell&)>& visit) {
    std::vector<std::string> warnings;
    Status status = VisitRecords(dir_, options_.range, &vocabulary_, visit, &warnings);
    told_.insert(warnings.begin(), warnings.end());
    summary_->warnings.assign(told_.begin(), told_.end());
    return status;
  }

  Status CountCells() {
    return Visit([&](const VisitedCell& cell) {
      const uint32_t key = KeyOf(cell.stack);
      if (key >= cells_.size()) cells_.resize(key + 1);
      ++cells_[key];
    });
  }

  // The keys are cut into parts that can be held.
  [[nodiscard]] std::vector<uint32_t> PartEnds() const {
    std::vector<uint32_t> ends;
    uint64_t held = 0;
    for (uint32_t key = 0; key < cells_.size(); ++key) {
      if (held > 0 && held + cells_[key] > options_.max_held_cells) {
        ends.push_back(key);
        held = 0;
      }
      held += cells_[key];
    }
    if (!cells_.empty()) ends.push_back(static_cast<uint32_t>(cells_.size()));
    return ends;
  }

  Status WritePart(uint32_t begin, uint32_t end) {
    std::vector<OutEntry> entries;
    Status status = Visit([&](const VisitedCell& cell) {
      const uint32_t key = KeyOf(cell.stack);
      if (key < begin || key >= end || cell.weight == 0) return;
      entries.push_back({key, TargetOf(cell.labels), cell.end_ns / kSecondNs, cell.weight});
    });
    if (!status.ok()) return status;
    std::sort(entries.begin(), entries.end(), InOrder);
    for (size_t first = 0, last = 0; first < entries.size(); first = last) {
      const uint32_t key = entries[first].key;
      while (last < entries.size() && entries[last].key == key) ++last;
      status = WriteKey(key, entries.data() + first, entries.data() + last);
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

  Status WriteKey(uint32_t key, const OutEntry* first, const OutEntry* last) {
    std::string value;
    while (first != last) {
      OutEntry sum = *first;
      for (++first; first != last && !InOrder(sum, *first); ++first) {
        if (__builtin_add_overflow(sum.count, first->count, &sum.count)) sum.count = INT64_MAX;
      }
      PutLegacyEntry({targets_.Text(sum.target), sum.time_s, sum.count}, &value);
      summary_->weight += static_cast<uint64_t>(sum.count);
      ++summary_->entries;
    }
    ++summary_->stacks;
    return out_->Put(keys_.Text(key), value);
  }

  uint32_t KeyOf(StackId stack) {
    if (stack >= stack_keys_.size()) stack_keys_.resize(vocabulary_.stacks().size(), kNone);
    uint32_t& key = stack_keys_[stack];
    if (key == kNone) key = keys_.Of(FoldedKey(vocabulary_, stack));
    return key;
  }

  uint32_t TargetOf(LabelSetId labels) {
    if (labels >= label_targets_.size()) {
      label_targets_.resize(vocabulary_.label_sets().size(), kNone);
    }
    uint32_t& target = label_targets_[labels];
    if (target == kNone) target = targets_.Of(LegacyTargetName(vocabulary_.label_sets()[labels]));
    return target;
  }

  const std::string dir_;
  const ExportOptions& options_;
  GdbmFile* const out_;
  ExportSummary* const summary_;
  Profile vocabulary_;
  Numbers keys_;
  Numbers targets_;
  std::vector<uint32_t> stack_keys_;     // by stack of the vocabulary
  std::vector<uint32_t> label_targets_;  // by label set of the vocabulary
  std::vector<uint64_t> cells_;          // by key
  std::set<std::string> told_;
};

Result<ExportSummary> WriteFile(const std::string& dir, const std::string& path,
                                const ExportOptions& options) {
  Result<GdbmFile> file = GdbmFile::Create(path);
  if (!file.ok()) return file.status();
  ExportSummary summary;
  Status status = Exporter(dir, options, &*file, &summary).Run();
  if (status.ok()) status = file->Finish();
  if (!status.ok()) return status;
  return summary;
}

}  // namespace

Result<ExportSummary> ExportLegacy(const std::string& dir, const std::string& path,
                                   const ExportOptions& options) {
  if (const Result<std::string> id = ReadStoreId(dir); !id.ok()) return id.status();
  const std::string unfinished = path + ".tmp";
  Result<ExportSummary> summary = WriteFile(dir, unfinished, options);
  Status status = summary.status();
  // link() and not rename(): a file that is there stays.
  if (status.ok() && link(unfinished.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "create " + path, "name a file that is not there yet");
  }
  unlink(unfinished.c_str());
  if (!status.ok()) return status;
  return summary;
}

}  // namespace stacksampler::store
