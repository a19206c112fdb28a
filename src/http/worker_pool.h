// SPDX-License-Identifier: MIT
//
// Purpose: the threads that run handlers. Complete, checked requests go in, bytes to send come out;
//   no thread here ever touches a socket, so that no peer can hold one.
// Thread safety: all members from any thread.
// Errors: Start() when the system has no thread left.
#ifndef STACKSAMPLER_HTTP_WORKER_POOL_H_
#define STACKSAMPLER_HTTP_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/head.h"
#include "http/server.h"
#include "http/server_codec.h"
#include "http/thread.h"

namespace stacksampler::http {

struct Job {
  uint64_t connection = 0;
  RequestHead head;
  std::string remote_address;
};

struct Answer {
  uint64_t connection = 0;
  std::string bytes;
};

class WorkerPool {
 public:
  /// `on_answer` runs on a worker after each answer.
  WorkerPool(Handler handler, std::function<void()> on_answer)
      : handler_(std::move(handler)), on_answer_(std::move(on_answer)) {}
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  Status Start(size_t workers);
  /// Drops what waits, lets running handlers end. Idempotent.
  void Stop();
  void Submit(Job job);
  /// Takes the job of `connection` back; false when a worker has begun it.
  bool Cancel(uint64_t connection);
  std::vector<Answer> TakeAnswers();

 private:
  void RunWorker(ServerCodec* codec);
  bool TakeJob(Job* job);
  std::string AnswerBytes(ServerCodec* codec, const Job& job);

  const Handler handler_;
  const std::function<void()> on_answer_;
  std::vector<std::unique_ptr<ServerCodec>> codecs_;  // one per worker
  std::vector<Thread> threads_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;  // no more than there are connections
  std::vector<Answer> answers_;
  bool is_stopping_ = false;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_WORKER_POOL_H_
