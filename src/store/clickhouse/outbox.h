// SPDX-License-Identifier: MIT
//
// Purpose: a store directory of which nothing stays: windows wait in journals until every server
//   that gets a part of them has it.
// Shapes: the directory is a store (docs/store-format.md) without segments, so that its journals
//   can be read as any store's. Its file OUTBOX keeps, beside the servers' names, the next window's
//   number and which windows were sent, because their journals are gone.
// Thread safety: any thread; Append() and Commit() from one.
// Errors: name the file. What is in a journal is sent at least once; servers count it once.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_OUTBOX_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_OUTBOX_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/open_window.h"
#include "store/profile_store.h"
#include "store/record_log.h"
#include "store/store_dir.h"
#include "store/window_refs.h"

namespace stacksampler::store {

/// What a journal holds.
struct JournalContent {
  Profile dictionary;
  RecordLog log;
};
Result<JournalContent> ReadJournal(const std::string& path);

struct OutboxOptions {
  std::string place;   // of the servers
  size_t servers = 1;  // how many have to confirm
  uint64_t max_journal_bytes = uint64_t{8} << 20;
  std::function<void(const std::string&)> on_warning;
};

class Outbox {
 public:
  static Result<std::unique_ptr<Outbox>> Open(const std::string& dir, const OutboxOptions& options);

  [[nodiscard]] const std::string& id() const { return store_.id; }
  /// As StoreWriter's.
  Result<bool> Append(const Record& record);
  Status Commit();
  [[nodiscard]] std::vector<WindowRef> LastWindows(const Labels& target) const;

  /// Hands the open window to the servers, unless something in it is not committed yet.
  void CloseWindow();
  /// The oldest window that `server` has not confirmed; waits for one until `deadline` or Wake().
  std::optional<Stem> Next(size_t server, std::chrono::steady_clock::time_point deadline);
  /// `server` has its part. When all have, the journal is removed.
  void Confirm(size_t server, const Stem& stem);
  /// Keeps what a window holds beside it, under the name of a damaged one, which nobody removes.
  [[nodiscard]] Result<std::string> KeepCopy(const Stem& stem) const;
  /// Ends all waiting in Next(), now and later.
  void Wake();
  /// Waits until no closed window waits for a server; false at `deadline`.
  bool AwaitEmpty(std::chrono::steady_clock::time_point deadline);
  /// Windows that wait for a server.
  [[nodiscard]] size_t waiting() const;
  /// Nothing was ever stored here.
  [[nodiscard]] bool is_new() const;
  [[nodiscard]] std::string path(const Stem& stem) const { return PathIn(dir_, JournalName(stem)); }

 private:
  struct Closed {
    Stem stem;
    std::vector<bool> confirmed;  // per server
  };

  Outbox(std::string dir, OutboxOptions options, LockedStore store)
      : dir_(std::move(dir)), options_(std::move(options)), store_(std::move(store)) {}
  Status Recover();
  Status RecoverJournal(const Stem& stem);
  Status SetAside(const Stem& stem);
  Status ReadState(bool has_windows);
  Status WriteState();
  Status MakeRoomFor(const Record& record);
  Status WriteAnew();
  void Close(const Stem& stem);
  Status Remove(const Closed& closed);

  const std::string dir_;
  const OutboxOptions options_;
  const LockedStore store_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  WindowRefs refs_;           // all that was appended
  WindowRefs sent_;           // what no journal holds any more
  uint64_t latest_hour_ = 0;  // of those
  uint64_t next_number_ = 1;
  std::optional<OpenWindow> window_;
  bool has_uncommitted_ = false;
  bool sync_failed_ = false;
  std::vector<Stem> full_;     // synced, but not committed yet
  std::deque<Closed> closed_;  // in the order of their numbers
  bool is_new_ = true;
  bool woken_ = false;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_OUTBOX_H_
