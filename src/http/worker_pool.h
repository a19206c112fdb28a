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
#include <functional>
#include <list>
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
  bool is_urgent = false;
  std::string answer;  // the bytes to send, once it is done; none when memory was short
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
  /// Takes all the memory that the job's way needs: after it, no job is lost for want of memory.
  /// An urgent job goes before those that are not.
  void Submit(Job job);
  /// Takes the job of `connection` back; false when a worker has begun it.
  bool Cancel(uint64_t connection);
  std::list<Job> TakeAnswers();

 private:
  void RunWorker(ServerCodec* codec);
  bool TakeJob(std::list<Job>* job);
  std::string AnswerBytes(ServerCodec* codec, const Job& job);

  const Handler handler_;
  const std::function<void()> on_answer_;
  std::vector<std::unique_ptr<ServerCodec>> codecs_;  // one per worker
  std::vector<Thread> threads_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::list<Job> jobs_;  // no more than there are connections
  std::list<Job> answers_;
  bool is_stopping_ = false;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_WORKER_POOL_H_
