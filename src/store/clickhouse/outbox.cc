// SPDX-License-Identifier: MIT
//
// Invariants: a window that waits is synced and committed, and its journal never changes; only the
// open window takes records. A journal is removed after OUTBOX, which remembers its windows, is on
// the disk: a crash between the two sends it once more.
#include "store/clickhouse/outbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <utility>

#include "base/errno_status.h"
#include "base/unique_fd.h"
#include "base/varint.h"
#include "store/checksum.h"
#include "store/clickhouse/tiles.h"
#include "store/dictionary.h"
#include "store/journal.h"
#include "store/record_check.h"

namespace stacksampler::store {
namespace {

constexpr const char* kStateFile = "OUTBOX";
constexpr int kFileMode = 0644;
// What WindowRefs calls a segment is here an hour, so that targets are remembered for 1,024 of
// them.

uint64_t HourOf(int64_t end_ns) { return static_cast<uint64_t>(end_ns / kHourNs); }

Result<std::string> ReadAll(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  std::string bytes;
  char chunk[64 << 10];
  while (true) {
    const ssize_t got = read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read " + path);
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<size_t>(got));
  }
}

Status WriteAll(const UniqueFd& fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoStatus(written < 0 ? errno : ENOSPC, "write " + path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return Status::Ok();
}

// `bytes` under `path`, whole or not at all.
Status Replace(const std::string& dir, const std::string& path, std::string_view bytes) {
  const std::string unfinished = path + ".tmp";
  {
    const UniqueFd fd(
        open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    if (!fd.valid()) return ErrnoStatus(errno, "create " + unfinished);
    if (Status status = WriteAll(fd, bytes, unfinished); !status.ok()) return status;
    if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + unfinished);
  }
  if (rename(unfinished.c_str(), path.c_str()) != 0) {
    return ErrnoStatus(errno, "rename " + unfinished);
  }
  return SyncDir(dir);
}

Status HasSegments(const std::string& dir) {
  return {StatusCode::kInvalidArgument,
          dir +
              " is a store with a history of its own, which would not be sent; pass a new "
              "directory as --dbpath: with --store it is where windows wait for the server"};
}

}  // namespace

Result<JournalContent> ReadJournal(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  JournalContent content;
  DictionaryMap ids;
  const Result<JournalScan> scan = ScanJournal(fd, path, 0, [&](std::string_view payload) {
    ByteReader in(payload);
    ids.Absorb(&in, &content.dictionary);
    content.log.Add(&in, ids.stacks().size(), ids.label_sets().size());
    return in.ok();
  });
  if (!scan.ok()) return scan.status();
  if (scan->end == JournalEnd::kClean && ids.IsIdentity()) return content;
  return Status(StatusCode::kDataLoss,
                path + " is damaged; the next start of the collector sets it aside");
}

Result<std::unique_ptr<Outbox>> Outbox::Open(const std::string& dir, const OutboxOptions& options) {
  Result<LockedStore> store = LockStore(dir, Copies::kKeepId);
  if (!store.ok()) return store.status();
  std::unique_ptr<Outbox> outbox(new Outbox(dir, options, *std::move(store)));
  if (Status status = outbox->Recover(); !status.ok()) return status;
  return outbox;
}

Status Outbox::Recover() {
  if (Status status = SyncDir(dir_); !status.ok()) return status;
  const Result<Listing> listing = ListStore(dir_);
  if (!listing.ok()) return listing.status();
  if (!listing->segments.empty()) return HasSegments(dir_);
  if (Status status = ReadState(!listing->journals.empty()); !status.ok()) return status;
  for (const std::string& name : listing->unfinished) unlink(PathIn(dir_, name).c_str());
  for (const auto* stems : {&listing->journals, &listing->damaged}) {
    if (!stems->empty()) next_number_ = std::max(next_number_, stems->back().number + 1);
  }
  is_new_ = next_number_ == 1;
  for (const Stem& stem : listing->journals) {
    if (Status status = RecoverJournal(stem); !status.ok()) return status;
  }
  return WriteState();
}

Status Outbox::RecoverJournal(const Stem& stem) {
  OpenWindow window(dir_, stem);
  const Result<JournalEnd> end = window.Replay();
  if (!end.ok()) return end.status();
  for (const StoredRecord& record : window.log().records()) {
    refs_.Remember(window.labels(record.target), record.window, HourOf(record.end_ns));
  }
  if (*end == JournalEnd::kTorn) {
    options_.on_warning(path(stem) + ": its last record was not complete and was cut off");
  }
  if (*end == JournalEnd::kDamaged) {
    if (Status status = SetAside(stem); !status.ok()) return status;
  }
  Close(stem);
  return Status::Ok();
}

// Keeps a damaged journal under another name, and in its place what is before the damage.
Status Outbox::SetAside(const Stem& stem) {
  const Result<std::string> kept = KeepCopy(stem);
  if (!kept.ok()) return kept.status();
  const Result<std::string> bytes = ReadAll(path(stem));
  if (!bytes.ok()) return bytes.status();
  const UniqueFd fd(open(path(stem).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path(stem));
  const Result<JournalScan> scan =
      ScanJournal(fd, path(stem), 0, [](std::string_view) { return true; });
  if (!scan.ok()) return scan.status();
  options_.on_warning(path(stem) + " is damaged: kept as " + *kept +
                      ", and what is before the damage is sent");
  return Replace(dir_, path(stem), bytes->substr(0, scan->good_bytes));
}

Result<std::string> Outbox::KeepCopy(const Stem& stem) const {
  const std::string kept = PathIn(dir_, DamagedName(stem));
  if (access(kept.c_str(), F_OK) == 0) return kept;  // from when it had all of its bytes
  const Result<std::string> bytes = ReadAll(path(stem));
  if (!bytes.ok()) return bytes.status();
  if (Status status = Replace(dir_, kept, *bytes); !status.ok()) return status;
  return kept;
}

// A state that is gone or damaged costs what it remembers, no window.
Status Outbox::ReadState(bool has_windows) {
  const std::string state_path = PathIn(dir_, kStateFile);
  const Result<std::string> block = ReadAll(state_path);
  if (!block.ok() && block.status().code() == StatusCode::kNotFound) return Status::Ok();
  if (!block.ok()) return block.status();
  const Result<std::string> state = UnpackBlock(kStateFile, *block);
  ByteReader in(state.ok() ? std::string_view(*state) : std::string_view());
  const uint64_t next_number = in.Varint();
  const std::string place(in.Text());
  if (in.ok()) sent_.Decode(&in);
  if (!in.ok()) {
    options_.on_warning(state_path +
                        " is damaged: the windows sent last may be sent again, "
                        "which the server counts once");
    return Status::Ok();
  }
  next_number_ = next_number;
  refs_ = sent_;
  if (place == options_.place || !has_windows) return Status::Ok();
  return {StatusCode::kInvalidArgument,
          dir_ + " holds windows that wait for " + place + ", some of which it may have; start " +
              "once with that --store until they are sent, or pass another --dbpath"};
}

Status Outbox::WriteState() {
  std::string state;
  PutVarint(&state, next_number_);
  PutText(&state, options_.place);
  state += sent_.Encode(latest_hour_);
  return Replace(dir_, PathIn(dir_, kStateFile), PackBlock(kStateFile, state));
}

Result<bool> Outbox::Append(const Record& record) {
  if (Status status = CheckRecord(record); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  if (refs_.Stored(record.labels, record.window)) return false;
  if (Status status = MakeRoomFor(record); !status.ok()) return status;
  if (Status status = window_->Append(record); !status.ok()) return status;
  has_uncommitted_ = true;
  refs_.Remember(record.labels, record.window, HourOf(record.end_ns));
  return true;
}

// Leaves an open window that may take the record.
Status Outbox::MakeRoomFor(const Record& record) {
  const int64_t weight = record.profile->TotalWeight();
  const bool full =
      window_ && (window_->log().WouldOverflow(weight, weight * record.profile->period_ns) ||
                  window_->unwritten_bytes() > kMaxRecordBytes / 2 ||
                  window_->journal_bytes() >= options_.max_journal_bytes);
  if (full && !window_->log().records().empty()) {
    if (Status status = sync_failed_ ? WriteAnew() : window_->Sync(); !status.ok()) {
      sync_failed_ = true;
      return status;
    }
    full_.push_back(window_->stem());
    window_.reset();
  }
  if (!window_)
    window_.emplace(dir_, Stem{record.end_ns - record.end_ns % kHourNs, next_number_++});
  return Status::Ok();
}

Status Outbox::Commit() {
  const std::lock_guard lock(mutex_);
  if (window_) {
    // The kernel forgets pages that it could not write, and the next fdatasync would say yes.
    Status status = sync_failed_ ? WriteAnew() : window_->Sync();
    sync_failed_ = !status.ok();
    if (!status.ok()) return status;
  }
  has_uncommitted_ = false;
  for (const Stem& stem : std::exchange(full_, {})) Close(stem);
  return Status::Ok();
}

// What the page cache still has of the journal, checked, as a file of its own.
Status Outbox::WriteAnew() {
  const Stem stem = window_->stem();
  const Result<std::string> bytes = ReadAll(path(stem));
  if (!bytes.ok()) return bytes.status();
  Result<JournalContent> content = ReadJournal(path(stem));
  if (!content.ok()) return content.status();
  if (content->log.records().size() != window_->log().records().size()) {
    return {StatusCode::kDataLoss, path(stem) + ": the disk lost what was written"};
  }
  if (Status status = Replace(dir_, path(stem), *bytes); !status.ok()) return status;
  window_.emplace(dir_, stem);
  return window_->Replay().status();
}

std::vector<WindowRef> Outbox::LastWindows(const Labels& target) const {
  const std::lock_guard lock(mutex_);
  return refs_.Last(target);
}

void Outbox::CloseWindow() {
  const std::lock_guard lock(mutex_);
  if (!window_ || has_uncommitted_ || window_->log().records().empty()) return;
  Close(window_->stem());
  window_.reset();
}

void Outbox::Close(const Stem& stem) {
  closed_.push_back({stem, std::vector<bool>(options_.servers, false)});
  changed_.notify_all();
}

std::optional<Stem> Outbox::Next(size_t server, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  while (!woken_) {
    const auto next = std::find_if(closed_.begin(), closed_.end(),
                                   [&](const Closed& closed) { return !closed.confirmed[server]; });
    if (next != closed_.end()) return next->stem;
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) break;
  }
  return std::nullopt;
}

void Outbox::Confirm(size_t server, const Stem& stem) {
  const std::lock_guard lock(mutex_);
  const auto it = std::find_if(closed_.begin(), closed_.end(),
                               [&](const Closed& closed) { return closed.stem == stem; });
  if (it == closed_.end()) return;
  it->confirmed[server] = true;
  if (std::find(it->confirmed.begin(), it->confirmed.end(), false) != it->confirmed.end()) return;
  const Status removed = IfMemoryLasts([&] { return Remove(*it); });
  closed_.erase(it);
  changed_.notify_all();
  if (!removed.ok()) {
    options_.on_warning(removed.message() +
                        "; this window was sent, and will be once more after a restart, which the "
                        "server counts once");
  }
}

Status Outbox::Remove(const Closed& closed) {
  const Result<JournalContent> content = ReadJournal(path(closed.stem));
  if (!content.ok()) return content.status();
  for (const StoredRecord& record : content->log.records()) {
    sent_.Remember(content->dictionary.label_sets()[record.target], record.window,
                   HourOf(record.end_ns));
    latest_hour_ = std::max(latest_hour_, HourOf(record.end_ns));
  }
  if (Status status = WriteState(); !status.ok()) return status;
  if (unlink(path(closed.stem).c_str()) != 0) {
    return ErrnoStatus(errno, "remove " + path(closed.stem));
  }
  return Status::Ok();
}

void Outbox::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

bool Outbox::AwaitEmpty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return closed_.empty(); });
}

bool Outbox::is_new() const {
  const std::lock_guard lock(mutex_);
  return is_new_;
}

size_t Outbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return closed_.size();
}

}  // namespace stacksampler::store
