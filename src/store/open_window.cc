// SPDX-License-Identifier: MIT
#include "store/open_window.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/errno_status.h"
#include "store/segment_writer.h"

namespace stacksampler::store {

Result<JournalEnd> OpenWindow::Replay() {
  const UniqueFd fd(open(journal_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + journal_path());
  DictionaryMap ids;
  const Result<JournalScan> scan =
      ScanJournal(fd, journal_path(), 0, [&](std::string_view payload) {
        ByteReader in(payload);
        ids.Absorb(&in, &dictionary_);
        log_.Add(&in, ids.stacks().size(), ids.label_sets().size());
        return in.ok();
      });
  if (!scan.ok()) return scan.status();
  if (!ids.IsIdentity()) {
    return Status(StatusCode::kDataLoss,
                  journal_path() + ": its dictionary repeats itself; move the file away");
  }
  marks_ = MarksOf(dictionary_);
  journal_bytes_ = scan->good_bytes;
  // Whoever reads the records here takes them for stored.
  if (Status status = RewriteJournal(journal_path(), journal_bytes_); !status.ok()) return status;
  if (scan->end == JournalEnd::kTorn) {
    if (Status status = OpenJournal(); !status.ok()) return status;
  }
  return scan->end;
}

Status OpenWindow::Append(const Record& record) {
  if (Status status = OpenJournal(); !status.ok()) return status;
  // A record that fails leaves words in the dictionary; the next one carries them.
  const std::string body = Encode(record);
  std::string payload;
  EncodeDictionary(dictionary_, marks_, &payload);
  unwritten_bytes_ = payload.size();
  payload += body;
  if (Status status = journal_.Append(payload); !status.ok()) return status;
  journal_bytes_ = journal_.bytes();
  marks_ = MarksOf(dictionary_);
  unwritten_bytes_ = 0;
  ByteReader in(body);
  log_.Add(&in, dictionary_.stacks().size(), dictionary_.label_sets().size());
  return Status::Ok();
}

// A profile that comes but once, as what a refusing store made the collector hold, does not take
// the others' copier away.
std::string OpenWindow::Encode(const Record& record) {
  if (record.profile_number == 0) {
    StackCopier copier(*record.profile, &dictionary_);
    return EncodeRecord(record, &dictionary_, &copier);
  }
  if (record.profile_number != copier_number_) copier_.emplace(*record.profile, &dictionary_);
  copier_number_ = record.profile_number;
  return EncodeRecord(record, &dictionary_, &*copier_);
}

Status OpenWindow::OpenJournal() {
  if (journal_.is_open()) return Status::Ok();
  Result<Journal> journal = Journal::Open(journal_path(), journal_bytes_);
  if (!journal.ok()) return journal.status();
  journal_ = *std::move(journal);
  return Status::Ok();
}

Status OpenWindow::Sync() {
  if (!journal_.is_open() || !sync_.ok()) return sync_;
  if (!name_is_durable_) sync_ = SyncDir(dir_);
  name_is_durable_ = sync_.ok();
  if (sync_.ok()) sync_ = journal_.Sync();
  return sync_;
}

Status OpenWindow::Seal(std::string_view refs) const {
  return WriteSegment(dir_, stem_, dictionary_, log_, refs);
}

}  // namespace stacksampler::store
