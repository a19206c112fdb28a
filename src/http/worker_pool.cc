// SPDX-License-Identifier: MIT
#include "http/worker_pool.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace stacksampler::http {

Status WorkerPool::Start(size_t workers) {
  for (size_t i = 0; i < workers; ++i) {
    codecs_.push_back(std::make_unique<ServerCodec>());
    auto thread = Thread::Start([this, codec = codecs_.back().get()] { RunWorker(codec); });
    if (!thread.ok()) return thread.status();
    threads_.push_back(*std::move(thread));
  }
  return Status::Ok();
}

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    jobs_.clear();
    changed_.notify_all();
  }
  for (Thread& thread : threads_) thread.Join();
  threads_.clear();
}

void WorkerPool::Submit(Job job) {
  const std::lock_guard lock(mutex_);
  const auto is_later = [](const Job& other) { return !other.is_urgent; };
  const auto place =
      job.is_urgent ? std::find_if(jobs_.begin(), jobs_.end(), is_later) : jobs_.end();
  jobs_.insert(place, std::move(job));
  changed_.notify_one();
}

bool WorkerPool::Cancel(uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(jobs_, [&](const Job& job) { return job.connection == connection; }) > 0;
}

std::list<Job> WorkerPool::TakeAnswers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

bool WorkerPool::TakeJob(std::list<Job>* job) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
  if (is_stopping_) return false;
  job->splice(job->end(), jobs_, jobs_.begin());
  return true;
}

// Nothing at all when memory is short: that must not end the process we are a guest of.
std::string WorkerPool::AnswerBytes(ServerCodec* codec, const Job& job) {
  try {
    return codec->Answer(job.head, job.remote_address, handler_);
  } catch (const std::exception&) {
    return {};
  }
}

void WorkerPool::RunWorker(ServerCodec* codec) {
  std::list<Job> job;
  while (TakeJob(&job)) {
    job.front().answer = AnswerBytes(codec, job.front());
    {
      const std::lock_guard lock(mutex_);
      answers_.splice(answers_.end(), job);
    }
    on_answer_();
  }
}

}  // namespace stacksampler::http
