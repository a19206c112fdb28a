// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "stacksampler/keyed_hash.h"
#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse/content_ids.h"
#include "store/clickhouse/outbox.h"
#include "store/clickhouse/schema.h"

namespace stacksampler::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50};
// Sources forget a reader after eight days.
constexpr int64_t kAskedDays = 8;

uint64_t NumberOf(const std::string& id) {
  uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number, 16);
  return number;
}

void WarnOnStderr(const std::string& line) { std::fprintf(stderr, "store: %s\n", line.c_str()); }

class ClickhouseWriter : public StoreWriter {
 public:
  ClickhouseWriter(ClickhouseUrl url, ClickhouseOptions options, std::unique_ptr<Outbox> outbox)
      : url_(std::move(url)), options_(std::move(options)), outbox_(std::move(outbox)) {}

  ~ClickhouseWriter() override {
    outbox_->CloseWindow();
    Status status = AwaitSent(Clock::now() + options_.last_wait);
    if (!status.ok() && outbox_->waiting() > 0) {
      options_.sender.on_warning(status.message() + "; " + std::to_string(outbox_->waiting()) +
                                 " files of windows wait in the outbox for the next start");
    }
    outbox_->Wake();
    senders_.clear();
  }

  // What only the operator can mend is an error now; what may pass is not.
  Status Start() {
    for (size_t place = 0; place < url_.servers.size(); ++place) {
      const Connection connection(url_, place);
      Status status = PrepareSchema(connection);
      if (!status.ok() && status.code() != StatusCode::kUnavailable) return status;
      if (status.ok() && outbox_->is_new()) status = LearnLastWindows(connection);
      if (!status.ok()) {
        options_.sender.on_warning(status.message() + "; windows wait in the outbox meanwhile");
      }
    }
    for (size_t place = 0; place < url_.servers.size(); ++place) {
      senders_.push_back(
          std::make_unique<Sender>(url_, Shipping{NumberOf(id()), place, url_.servers.size()},
                                   outbox_.get(), options_.sender));
    }
    return Status::Ok();
  }

  [[nodiscard]] const std::string& id() const override { return outbox_->id(); }
  Result<bool> Append(const Record& record) override { return outbox_->Append(record); }
  Status Commit() override { return outbox_->Commit(); }

  [[nodiscard]] std::vector<WindowRef> LastWindows(const Labels& target) const override {
    auto windows = outbox_->LastWindows(target);
    const auto learned = last_windows_.find(HashLabels(target).id);
    if (learned == last_windows_.end()) return windows;
    const size_t own = windows.size();
    for (const WindowRef& window : learned->second) {
      const auto end = windows.begin() + static_cast<std::ptrdiff_t>(own);
      const bool known = std::any_of(windows.begin(), end, [&](const WindowRef& ref) {
        return ref.instance == window.instance;
      });
      if (!known && windows.size() < kMaxInstances) windows.push_back(window);
    }
    return windows;
  }

  Status Seal() override {
    if (Status status = Commit(); !status.ok()) return status;
    outbox_->CloseWindow();
    return AwaitSent(Clock::time_point::max());
  }

 private:
  // Until everything is sent, a try fails, or the deadline.
  Status AwaitSent(Clock::time_point deadline) {
    std::vector<uint64_t> before;
    for (const auto& sender : senders_) {
      before.push_back(sender->failures().count);
      sender->Hurry();
    }
    while (!outbox_->AwaitEmpty(std::min(Clock::now() + kLook, deadline))) {
      for (size_t i = 0; i < senders_.size(); ++i) {
        const Sender::Failures failures = senders_[i]->failures();
        if (failures.count > before[i] && !failures.last.ok()) return failures.last;
      }
      if (Clock::now() >= deadline) return {StatusCode::kUnavailable, "the servers are slow"};
    }
    return Status::Ok();
  }

  // For an outbox that is new while its targets are not: their sources need not begin again.
  Status LearnLastWindows(const Connection& connection) {
    const Result<std::string> rows = connection.Select(
        "SELECT target, instance, argMax(window_id, end_ns) FROM samples WHERE end_ns > "
        "(toInt64(toUInt32(now())) - " +
        std::to_string(kAskedDays * 24 * 3600) +
        ") * 1000000000 AND instance != '' GROUP BY target, instance ORDER BY max(end_ns) DESC "
        "LIMIT " +
        std::to_string(kMaxInstances) + " BY target");
    if (!rows.ok()) return rows.status();
    for (ByteReader in(*rows); in.ok() && in.remaining() > 0;) {
      const uint64_t target = in.Fixed64();
      const std::string instance(in.Text());
      last_windows_[target].push_back({instance, in.Fixed64()});
    }
    return Status::Ok();
  }

  const ClickhouseUrl url_;
  const ClickhouseOptions options_;
  const std::unique_ptr<Outbox> outbox_;
  // By the target's id; of other outboxes, the latest first.
  std::unordered_map<uint64_t, std::vector<WindowRef>, NumberHasher> last_windows_;
  std::vector<std::unique_ptr<Sender>> senders_;  // one per server
};

}  // namespace

Result<std::unique_ptr<StoreWriter>> OpenClickhouseWriter(const ClickhouseUrl& url,
                                                          const std::string& dir,
                                                          const ClickhouseOptions& given) {
  ClickhouseOptions options = given;
  if (!options.writer.on_warning) options.writer.on_warning = WarnOnStderr;
  if (!options.sender.on_warning) options.sender.on_warning = options.writer.on_warning;
  OutboxOptions outbox_options;
  outbox_options.place = url.Place();
  outbox_options.servers = url.servers.size();
  outbox_options.max_journal_bytes = options.writer.max_journal_bytes;
  outbox_options.on_warning = options.writer.on_warning;
  Result<std::unique_ptr<Outbox>> outbox = Outbox::Open(dir, outbox_options);
  if (!outbox.ok()) return outbox.status();
  options.last_wait = std::max(options.last_wait, std::chrono::milliseconds(0));
  auto writer = std::make_unique<ClickhouseWriter>(url, options, *std::move(outbox));
  if (Status status = writer->Start(); !status.ok()) return status;
  return std::unique_ptr<StoreWriter>(std::move(writer));
}

}  // namespace stacksampler::store
