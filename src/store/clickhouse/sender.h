// SPDX-License-Identifier: MIT
//
// Purpose: brings an outbox to one server, in the background: with back-off while the server does
//   not take it, for however long.
// Thread safety: any thread.
// Errors: told to on_warning when they begin or change, and when the server takes again. Rows that
//   no insert can hold are told as rows_too_large; their journal is kept under another name.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_SENDER_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_SENDER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "stacksampler/status.h"
#include "store/clickhouse/outbox.h"
#include "store/clickhouse/roller.h"
#include "store/clickhouse/shipment.h"

namespace stacksampler::store {

struct SenderOptions {
  /// So long a committed window may wait for more before it is sent: servers like few inserts.
  std::chrono::milliseconds gather{5000};
  /// Between two tries: doubled from the first to the last, and up to a quarter shortened by
  /// chance.
  std::chrono::milliseconds first_pause{1000};
  std::chrono::milliseconds last_pause{60000};
  /// An hour is summed up so long after its end: others may still have samples of it to send.
  std::chrono::seconds roll_after{600};
  /// How often it is looked for hours to sum up.
  std::chrono::milliseconds roll_every{60000};
  /// What is gathered for an insert before it is sent, and what an insert may have at most.
  size_t piece_bytes = Shipment::kPieceBytes;
  size_t max_insert_bytes = Connection::kMaxInsertBytes;
  std::function<void(const std::string&)> on_warning;
};

class Sender {
 public:
  /// `outbox` must outlive it. Starts at once.
  Sender(const ClickhouseUrl& url, const Shipping& shipping, Outbox* outbox, SenderOptions options);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Ends without another try. REQUIRES: the outbox was woken.
  void Stop();
  /// Tries at once, whatever the back-off.
  void Hurry();
  /// How many tries have failed since the start, and why the last one did, unless one succeeded
  /// after it.
  struct Failures {
    uint64_t count = 0;
    Status last;
  };
  [[nodiscard]] Failures failures() const;

 private:
  void Run();
  Status Round();
  [[nodiscard]] bool stopping() const;
  Status Prepare();
  Status Ship(const Stem& stem);
  Status TellTooLarge(const Stem& stem, uint64_t rows);
  void RollUpWhenDue();
  void Tell(const Status& status);
  void Pause();

  const Connection connection_;
  const Shipping shipping_;
  Outbox* const outbox_;
  const SenderOptions options_;
  KnownIds known_;
  Roller roller_;
  bool prepared_ = false;
  std::chrono::steady_clock::time_point rolls_at_;
  std::chrono::milliseconds pause_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool stopping_ = false;
  bool hurried_ = false;
  Failures failures_;
  std::thread thread_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_SENDER_H_
