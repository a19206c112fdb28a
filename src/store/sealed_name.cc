// SPDX-License-Identifier: MIT
#include "store/sealed_name.h"

#include <cstdint>
#include <string>
#include <vector>

#include "store/file_walk.h"

namespace stacksampler::store {
namespace {

class SealedNamer {
 public:
  SealedNamer(KeptFiles* files, const Range& range, ContentsName* name)
      : files_(files), segments_(files->listing().segments), range_(range), name_(name) {}

  Status Run() {
    for (const DayStem& day : files_->listing().days) {
      if (Status status = NameBefore(day.first); !status.ok()) return status;
      if (Status status = NameDay(day); !status.ok()) return status;
    }
    for (const Stem& stem : files_->listing().damaged) name_->Add(DamagedName(stem));
    for (const Stem& stem : files_->listing().damaged_segments) {
      name_->Add(DamagedSegmentName(stem));
    }
    return NameBefore(UINT64_MAX);
  }

 private:
  Status NameBefore(uint64_t number) {
    for (; next_ < segments_.size() && segments_[next_].number < number; ++next_) {
      Status status = NameFile(files_->Path(SegmentName(segments_[next_])));
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

  Status NameDay(const DayStem& day) {
    const std::string path = files_->Path(DayName(day));
    const Result<SegmentMeta> total = files_->HeadAt(path);
    if (total.status().code() == StatusCode::kNotFound) return total.status();
    const Use use = total.ok() ? UseFor(range_, *total) : Use::kSegments;
    Status status;
    if (use == Use::kTotal) status = NameFile(path);
    if (use == Use::kSegments) status = NameBefore(day.last + 1);
    while (next_ < segments_.size() && day.Has(segments_[next_])) ++next_;
    return status;
  }

  // A range's moving edge cuts segments anywhere: what counts is which records it leaves in.
  Status NameFile(const std::string& path) {
    const Result<SegmentMeta> head = files_->HeadAt(path);
    if (!head.ok()) return Spoil(head.status());
    if (!range_.Meets(head->first_end_ns, head->last_end_ns)) return Status::Ok();
    const Result<KeptSegment*> kept = files_->SegmentAt(path);
    if (!kept.ok()) return Spoil(kept.status());
    const auto narrow = (*kept)->segment.Narrow(range_, files_->vocabulary());
    if (!narrow.ok()) return Spoil(narrow.status());
    if (!*narrow) return Status::Ok();
    name_->Add(path);
    for (const int64_t part : (*kept)->segment.identity().Numbers()) name_->Add(part);
    name_->Add((*narrow)->from_ns);
    name_->Add((*narrow)->until_ns);
    return Status::Ok();
  }

  Status Spoil(const Status& problem) {
    if (problem.code() == StatusCode::kNotFound) return problem;
    name_->Spoil();
    return Status::Ok();
  }

  KeptFiles* files_;
  const std::vector<Stem>& segments_;
  const Range range_;
  ContentsName* name_;
  size_t next_ = 0;  // of the segments
};

}  // namespace

Status NameSealed(KeptFiles* files, const Range& range, ContentsName* name) {
  return SealedNamer(files, range, name).Run();
}

}  // namespace stacksampler::store
