// SPDX-License-Identifier: MIT
#include "store/file_walk.h"

#include <cstdint>

namespace stacksampler::store {

Use UseFor(const Range& range, const SegmentMeta& day) {
  if (!range.Meets(day.first_end_ns, day.last_end_ns)) return Use::kNothing;
  return range.Covers(day.first_end_ns, day.last_end_ns) ? Use::kTotal : Use::kSegments;
}

Status FileWalk::Visit(const FileVisitor& visitor) {
  if (Status status = VisitSealed(visitor); !status.ok()) return status;
  if (Status status = VisitTails(visitor.on_tail); !status.ok()) return status;
  const Listing& listing = files_->listing();
  for (const Stem& stem : listing.damaged) WarnSetAside(DamagedName(stem));
  for (const Stem& stem : listing.damaged_segments) WarnSetAside(DamagedSegmentName(stem));
  return Status::Ok();
}

Status FileWalk::VisitSealed(const FileVisitor& visitor) {
  next_ = 0;
  for (const DayStem& day : files_->listing().days) {
    if (Status status = VisitBefore(day.first, visitor); !status.ok()) return status;
    if (Status status = VisitDay(day, visitor); !status.ok()) return status;
  }
  return VisitBefore(UINT64_MAX, visitor);
}

// Visits the next segments whose number is below `number`.
Status FileWalk::VisitBefore(uint64_t number, const FileVisitor& visitor) {
  const std::vector<Stem>& segments = files_->listing().segments;
  for (; next_ < segments.size() && segments[next_].number < number; ++next_) {
    Status status = VisitFile(files_->Path(SegmentName(segments[next_])), visitor);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status FileWalk::VisitDay(const DayStem& day, const FileVisitor& visitor) {
  const std::string path = files_->Path(DayName(day));
  const Result<SegmentMeta> total = MetaOf(path);
  if (total.status().code() == StatusCode::kNotFound) return total.status();
  const Use use = total.ok() ? visitor.use(*total) : Use::kSegments;
  if (use == Use::kSegments) {
    records_ = 0;
    if (Status status = VisitBefore(day.last + 1, visitor); !status.ok()) return status;
    const bool are_gone = total.ok() && records_ < total->records;
    const std::string gone = are_gone ? visitor.of_gone(*total) : "";
    if (!gone.empty()) warnings_.push_back(path + ": " + gone);
  }
  const std::vector<Stem>& segments = files_->listing().segments;
  while (next_ < segments.size() && day.Has(segments[next_])) ++next_;
  return use == Use::kTotal ? VisitFile(path, visitor) : Status::Ok();
}

Result<SegmentMeta> FileWalk::MetaOf(const std::string& path) {
  Result<SegmentMeta> meta = files_->HeadAt(path);
  if (!meta.ok() && meta.status().code() != StatusCode::kNotFound) {
    warnings_.push_back(meta.status().message() + "; its day is summed up from segments");
  }
  return meta;
}

Status FileWalk::VisitFile(const std::string& path, const FileVisitor& visitor) {
  const Result<SegmentMeta> head = files_->HeadAt(path);
  Status status = head.status();
  if (head.ok()) {
    records_ += head->records;
    if (!range_.Meets(head->first_end_ns, head->last_end_ns)) return Status::Ok();
    status = VisitSegment(path, visitor);
  }
  if (status.ok() || status.code() == StatusCode::kNotFound) return status;
  WarnOfMissing(status.message());
  return Status::Ok();
}

Status FileWalk::VisitSegment(const std::string& path, const FileVisitor& visitor) {
  const Result<KeptSegment*> kept = files_->SegmentAt(path);
  return kept.ok() ? visitor.on_segment(&(*kept)->segment) : kept.status();
}

Status FileWalk::VisitTails(const std::function<void(const JournalTail&)>& on_tail) {
  for (const Stem& stem : files_->listing().journals) {
    const std::string path = files_->Path(JournalName(stem));
    const Result<KeptTail*> kept = files_->TailAt(path);
    if (kept.status().code() == StatusCode::kNotFound) return kept.status();
    if (!kept.ok()) {
      WarnOfMissing(kept.status().message());
      continue;
    }
    on_tail((*kept)->tail);
    const std::string problem = (*kept)->tail.problem();
    if (!problem.empty()) warnings_.push_back(problem);
    if (name_ != nullptr) NoteTail(path, **kept, problem);
  }
  return Status::Ok();
}

void FileWalk::NoteTail(const std::string& path, const KeptTail& kept, const std::string& problem) {
  const uint64_t records = kept.tail.Contents(range_);
  name_->Add(problem);
  if (records == 0) return;
  name_->Add(path);
  name_->Add(static_cast<int64_t>(kept.inode));
  name_->Add(static_cast<int64_t>(records));
}

void FileWalk::WarnOfMissing(const std::string& problem) {
  warnings_.push_back(problem + "; windows in it are missing");
  if (name_ != nullptr) name_->Spoil();
}

void FileWalk::WarnSetAside(const std::string& name) {
  warnings_.push_back(files_->Path(name) +
                      " was set aside as damaged: windows in it may be missing; remove it when it "
                      "is of no more use");
}

}  // namespace stacksampler::store
