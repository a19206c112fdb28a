// SPDX-License-Identifier: MIT
//
// Purpose: what the collector's tests share: a store in memory, and targets that offer windows.
// Thread safety: one thread at a time, unless a member says otherwise.
#ifndef STACKSAMPLER_TESTS_COLLECTOR_COLLECTOR_SUPPORT_H_
#define STACKSAMPLER_TESTS_COLLECTOR_COLLECTOR_SUPPORT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/collector.h"
#include "http/server.h"
#include "stacksampler/profile.h"
#include "store/profile_store.h"
#include "store/window_refs.h"

namespace stacksampler::collector {

/// A store that can be told to refuse.
class MemoryWriter : public store::StoreWriter {
 public:
  [[nodiscard]] const std::string& id() const override { return id_; }
  Result<bool> Append(const store::Record& record) override;
  Status Commit() override;
  [[nodiscard]] std::vector<store::WindowRef> LastWindows(const Labels& target) const override {
    return stored.Last(target);
  }
  Status Seal() override { return Status::Ok(); }

  std::atomic<bool> refuse_append = false;
  /// The second refusal in turn, and those after it, have this code.
  StatusCode after_refusals = StatusCode::kResourceExhausted;
  int refusals = 0;
  int commits_to_refuse = 0;
  std::function<void()> on_commit_refused = [] {};
  int64_t pending_weight = 0;
  int64_t committed_weight = 0;
  int64_t last_end_ns = 0;
  bool in_order = true;  // of the records' ends
  std::vector<std::pair<Labels, store::WindowRef>> pending;
  store::WindowRefs stored;

 private:
  std::string id_ = "0123456789abcdef";
};

std::unique_ptr<http::Server> Serve(http::Handler handler);

/// Of "main", a second long.
Profile Samples(int64_t weight);

/// An endpoint that, like ours, offers a window again until it is acknowledged: 10 more samples
/// with each request.
struct WindowedTarget {
  int64_t sampled = 0;
  int64_t acknowledged = 0;
  uint64_t last_id = 0;
  std::vector<std::string> acks;
  std::string instance = "beef";

  http::Response operator()(const http::Request& request);
};

/// By a collector of its own.
void PollOnce(uint16_t port, store::StoreWriter* writer, CollectorCounters* counters = nullptr);

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_TESTS_COLLECTOR_COLLECTOR_SUPPORT_H_
