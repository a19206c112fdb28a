// SPDX-License-Identifier: MIT
#include "store/clickhouse/sender.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/errno_status.h"
#include "store/clickhouse/schema.h"

namespace stacksampler::store {

Sender::Sender(const ClickhouseUrl& url, const Shipping& shipping, Outbox* outbox,
               SenderOptions options)
    : connection_(url, shipping.server, options.max_insert_bytes),
      shipping_(shipping),
      outbox_(outbox),
      options_(std::move(options)),
      roller_(connection_, options_.on_warning),
      rolls_at_(std::chrono::steady_clock::now() + options_.roll_every),
      pause_(options_.first_pause),
      thread_([this] { Run(); }) {}

Sender::~Sender() { Stop(); }

void Sender::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Sender::Hurry() {
  const std::lock_guard lock(mutex_);
  hurried_ = true;
  changed_.notify_all();
}

Sender::Failures Sender::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void Sender::Run() {
  while (!stopping()) {
    const Status status = IfMemoryLasts([&] { return Round(); });
    if (status.ok()) continue;
    // To tell of it takes memory too; without it the next failure is told.
    (void)IfMemoryLasts([&] {
      Tell(status);
      return Status::Ok();
    });
    Pause();
  }
}

bool Sender::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// What it has not done is still in the outbox for the next.
Status Sender::Round() {
  const auto next =
      outbox_->Next(shipping_.server, std::chrono::steady_clock::now() + options_.gather);
  if (!next) {
    outbox_->CloseWindow();
    RollUpWhenDue();
    return Status::Ok();
  }
  if (Status status = Ship(*next); !status.ok()) return status;
  Tell(Status::Ok());
  outbox_->Confirm(shipping_.server, *next);
  return Status::Ok();
}

Status Sender::Prepare() {
  if (prepared_) return Status::Ok();
  Status status = PrepareSchema(connection_);
  if (status.ok()) status = roller_.Learn();
  prepared_ = status.ok();
  return status;
}

// A server that sums up badly is no reason to hold samples back: it is told, and tried again.
void Sender::RollUpWhenDue() {
  const auto now = std::chrono::steady_clock::now();
  if (now < rolls_at_) return;
  rolls_at_ = now + options_.roll_every;
  const auto until = std::chrono::system_clock::now() - options_.roll_after;
  Status status = Prepare();
  if (status.ok()) {
    status = roller_.RollUp(
        std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count());
  }
  if (!status.ok()) prepared_ = false;
  Tell(status);
}

Status Sender::Ship(const Stem& stem) {
  if (Status status = Prepare(); !status.ok()) return status;
  const Result<JournalContent> content = ReadJournal(outbox_->path(stem));
  if (!content.ok()) return content.status();
  Shipment shipment(shipping_, connection_, &known_, options_.piece_bytes);
  const Status status = IfMemoryLasts([&] {
    Status sent = shipment.Send(stem, *content);
    if (sent.ok()) sent = TellTooLarge(stem, shipment.rows_too_large());
    return sent.ok() ? roller_.Stored(shipment.hours()) : sent;
  });
  if (status.ok()) return status;
  // The server may come back without what it had: with older tables, or none.
  prepared_ = false;
  known_.Clear();
  return status;
}

// The disk may be full: then the journal itself stays, and is sent again.
Status Sender::TellTooLarge(const Stem& stem, uint64_t rows) {
  if (rows == 0) return Status::Ok();
  const Result<std::string> kept = outbox_->KeepCopy(stem);
  if (!kept.ok()) return kept.status();
  options_.on_warning(connection_.name() + ": rows_too_large " + std::to_string(rows) +
                      ": so many rows of a window or a stack have more than the " +
                      std::to_string(connection_.max_insert_bytes()) +
                      " bytes of an insert and were left out; they are kept in " + *kept);
  return Status::Ok();
}

void Sender::Tell(const Status& status) {
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    const Status before = std::exchange(failures_.last, status);
    failures_.count += status.ok() ? 0 : 1;
    if (before.message() != status.message()) {
      line = status.ok() ? connection_.name() + " takes windows again"
                         : status.message() + "; windows wait in the outbox and are sent later";
    }
    changed_.notify_all();
  }
  if (status.ok()) pause_ = options_.first_pause;
  if (!line.empty()) options_.on_warning(line);
}

void Sender::Pause() {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto shortened = pause_ - pause_ * (random() % 256) / 1024;
  pause_ = std::min(pause_ * 2, options_.last_pause);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, shortened, [this] { return stopping_ || hurried_; });
  hurried_ = false;
}

}  // namespace stacksampler::store
