// SPDX-License-Identifier: MIT
#include "store/background.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_status.h"
#include "store/day_totals.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

// A seal that failed is tried again after this, twice as long after each failure.
constexpr std::chrono::seconds kFirstPause{1};
constexpr int kMaxDoublings = 6;
// Time alone makes files too old.
constexpr std::chrono::hours kIdlePause{1};

}  // namespace

Background::Background(std::string dir, const WriterOptions& options)
    : dir_(std::move(dir)), options_(options), wanted_(1), thread_([this] { Run(); }) {}

Background::~Background() {
  Stop();
  Tell();
}

void Background::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    ++wanted_;
  }
  wake_.notify_one();
  thread_.join();
}

void Background::Close(OpenWindow window, std::string refs) {
  auto closed =
      std::make_shared<ClosedWindow>(ClosedWindow{std::move(window), std::move(refs), false});
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < kMaxWaiting || failures_ > 0; });
  waiting_.push_back(std::move(closed));
  ++wanted_;
  wake_.notify_one();
}

bool Background::Behind() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failures_ > 0 && waiting_.size() >= kMaxWaiting;
}

Status Background::SyncClosed() {
  std::deque<std::shared_ptr<ClosedWindow>> waiting;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting = waiting_;
  }
  for (const auto& closed : waiting) {
    if (!closed->durable) closed->durable = closed->window.Sync().ok();
    // The kernel forgets pages that it could not write, and the next fdatasync would say yes: only
    // a segment, written anew from memory, makes such a window durable.
    if (!closed->durable) return Finish();
  }
  return Status::Ok();
}

Status Background::Finish() {
  std::unique_lock<std::mutex> lock(mutex_);
  const uint64_t mine = ++wanted_;
  wake_.notify_one();
  changed_.wait(lock, [&] { return done_ >= mine; });
  return status_;
}

void Background::Supersede(const std::string& journal) {
  const std::lock_guard<std::mutex> lock(mutex_);
  superseded_.push_back({journal, Clock::now()});
}

void Background::Tell() {
  Lines warnings;
  Lines removals;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    warnings.swap(warnings_);
    removals.swap(removals_);
  }
  for (const std::string& line : warnings) options_.on_warning(line);
  for (const std::string& line : removals) {
    if (options_.on_removed) options_.on_removed(line);
  }
}

void Background::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_ || done_ < wanted_) {
    wake_.wait_until(lock, NextRound(), [&] { return done_ < wanted_; });
    const uint64_t round = wanted_;
    lock.unlock();
    Status status = IfMemoryLasts([&] { return Round(); });
    lock.lock();
    failures_ = status.ok() ? 0 : failures_ + 1;
    status_ = std::move(status);
    done_ = round;
    changed_.notify_all();
  }
}

Background::Clock::time_point Background::NextRound() const {
  const Clock::time_point now = Clock::now();
  if (failures_ > 0) return now + kFirstPause * (1 << std::min(failures_ - 1, kMaxDoublings));
  if (!superseded_.empty()) return superseded_.front().since + options_.journal_grace;
  return now + kIdlePause;
}

// What it has not done is still there for the next.
Status Background::Round() {
  do {
    if (Status status = SealNext(); !status.ok()) return status;
    Summarize();
    RemoveSuperseded();
  } while (Front() != nullptr);
  return Status::Ok();
}

Status Background::SealNext() {
  const std::shared_ptr<ClosedWindow> closed = Front();
  if (closed == nullptr) return Status::Ok();
  Status status = closed->window.Seal(closed->refs);
  // Until its name is sure the window may still be what its journal says, after a crash.
  if (status.ok()) status = SyncDir(dir_);
  if (!status.ok()) {
    Warn(status.message() + "; its journal stays and will be sealed later");
    return status;
  }
  Sealed(closed->window.journal_path());
  return Status::Ok();
}

std::shared_ptr<ClosedWindow> Background::Front() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return waiting_.empty() ? nullptr : waiting_.front();
}

void Background::Sealed(const std::string& journal) {
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_.pop_front();
  superseded_.push_back({journal, Clock::now()});
  failures_ = 0;
  changed_.notify_all();
}

// Totals first: what goes was summed up before.
void Background::Summarize() {
  const auto warn = [this](const std::string& line) { WarnOnce(line); };
  AddDayTotals(dir_, warn);
  const Removed removed = RemoveExpired(dir_, options_, warn);
  if (removed.files == 0) return;
  removed_.files += removed.files;
  removed_.bytes += removed.bytes;
  const std::string line = "removed " + std::to_string(removed.files) + " files, " +
                           std::to_string(removed.bytes) + " bytes, past what is kept; " +
                           std::to_string(removed_.files) + " files, " +
                           std::to_string(removed_.bytes) + " bytes since the start";
  const std::lock_guard<std::mutex> lock(mutex_);
  removals_.push_back(line);
}

void Background::RemoveSuperseded() {
  std::unique_lock<std::mutex> lock(mutex_);
  const Clock::time_point now = Clock::now();
  while (!superseded_.empty() && superseded_.front().since + options_.journal_grace <= now) {
    const std::string path = superseded_.front().journal;
    superseded_.pop_front();
    lock.unlock();
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
      WarnOnce(ErrnoStatus(errno, "remove " + path).message());
    }
    lock.lock();
  }
}

void Background::Warn(const std::string& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  warnings_.push_back(line);
}

// What does not change from round to round is said once.
void Background::WarnOnce(const std::string& line) {
  if (warned_.insert(line).second) Warn(line);
}

}  // namespace stacksampler::store
