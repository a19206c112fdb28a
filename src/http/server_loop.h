// SPDX-License-Identifier: MIT
//
// Purpose: the one thread that touches sockets: accepts, reads heads, answers what breaks a rule,
//   hands the rest to the workers and writes their answers. A peer that is slow in any phase costs
//   a slot, never a thread; when slots run out, the oldest that waits for a peer makes room.
// Thread safety: Run() on one thread; Wake(), RequestStop() and counters() from any.
#ifndef STACKSAMPLER_HTTP_SERVER_LOOP_H_
#define STACKSAMPLER_HTTP_SERVER_LOOP_H_

#include <poll.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/connection.h"
#include "http/gate.h"
#include "http/listener.h"
#include "http/open_sockets.h"
#include "http/server.h"
#include "http/server_codec.h"
#include "http/wake.h"
#include "http/worker_pool.h"

namespace stacksampler::http {

class ServerLoop {
 public:
  /// `workers` must outlive the loop.
  ServerLoop(const ServerOptions& options, Listener listener, UniqueFd wake, WorkerPool* workers);

  /// Serves until RequestStop(), then closes every connection.
  void Run();
  void Wake();
  void RequestStop();
  void CloseListener();
  /// In a forked child: closes its copies of all descriptors.
  void CloseCopies();

  [[nodiscard]] uint16_t port() const { return listener_.port; }
  [[nodiscard]] ServerCounters counters() const;

 private:
  struct Slot {
    Connection connection;
    // Which counter its end adds to: with the answer out, and without.
    uint64_t ServerCounters::*if_answered = &ServerCounters::answered;
    uint64_t ServerCounters::*if_not = &ServerCounters::left;
  };

  void Turn();
  /// Memory that runs out costs the connection in hand, never the process we are a guest of.
  template <typename Step>
  static void OrClose(Slot* slot, Step step);
  [[nodiscard]] bool OwnsDescriptors() const;
  void Wait();
  [[nodiscard]] int WaitTimeout() const;
  void TakeAnswers();
  void ServeReady();
  void Serve(uint64_t id, Slot* slot);
  void Read(uint64_t id, Slot* slot);
  void Pass(uint64_t id, Slot* slot);
  void Refuse(Slot* slot, Response refusal);
  void EndOverdue();
  void EndOverdue(uint64_t id, Slot* slot);
  void Accept();
  void Admit(UniqueFd fd, std::string address);
  [[nodiscard]] Result<std::unique_ptr<TlsSession>> NewSession() const;
  [[nodiscard]] bool HasRoom() const;
  [[nodiscard]] bool MakeRoomFor(const std::string& address);
  bool EvictOldest(const std::string* address);
  void CutOldestWriters();
  void Sweep();
  void Count(uint64_t ServerCounters::*counter);

  const ServerOptions options_;
  const HeadLimits limits_;
  const GateRules rules_;
  Listener listener_;
  UniqueFd wake_;
  const FdIdentity listener_identity_;
  const FdIdentity wake_identity_;
  WorkerPool* const workers_;
  ServerCodec codec_;
  const std::string too_many_;  // the bytes of a 503

  OpenSockets open_sockets_;        // of slots_, for CloseCopies()
  std::map<uint64_t, Slot> slots_;  // by number of arrival: the oldest first
  uint64_t next_id_ = 1;
  Deadline accept_again_;
  std::vector<pollfd> polled_;  // wake, listener, then the slots of polled_ids_
  std::vector<uint64_t> polled_ids_;

  std::atomic<bool> is_stopping_{false};
  mutable std::mutex counters_mutex_;
  ServerCounters counters_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_SERVER_LOOP_H_
