// SPDX-License-Identifier: MIT
#include "guest/torture/profilers.h"

#include <execinfo.h>
#include <sys/time.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "stacksampler/sampler.h"

namespace stacksampler::torture {
namespace {

class None : public Profiler {
 public:
  void Turn() override {}
  void Finish(Shared* /*shared*/) override {}
};

class Ours : public Profiler {
 public:
  explicit Ours(bool restarted) : restarted_(restarted) { Start(); }
  // A reader names what was sampled: modules are looked into while they come and go.
  void Turn() override {
    Expect(sampler_->Take(reader_).status());
    if (restarted_) {
      Stop();
      Start();
    }
  }
  void Finish(Shared* shared) override {
    Stop();
    shared->delivered = sum_.delivered_weight;
    shared->recorded = sum_.recorded_weight;
    shared->dropped = sum_.dropped_ring_full_weight;
  }

 private:
  static void Expect(const Status& status) {
    if (!status.ok()) throw std::runtime_error(status.message());
  }
  void Start() {
    SamplerOptions options;
    options.interval = std::chrono::milliseconds(1);
    options.drain_interval = std::chrono::milliseconds(20);
    auto started = Sampler::Start(options);
    Expect(started.status());
    sampler_ = *std::move(started);
    reader_ = sampler_->OpenReader();
  }
  void Stop() {
    Expect(sampler_->Stop());
    const SamplerStats stats = sampler_->Stats();
    sum_.delivered_weight += stats.delivered_weight;
    sum_.recorded_weight += stats.recorded_weight;
    sum_.dropped_ring_full_weight += stats.dropped_ring_full_weight;
  }

  const bool restarted_;
  std::shared_ptr<Sampler> sampler_;
  ReaderId reader_ = 0;
  SamplerStats sum_;
};

// What a few lines of one's own make of it: glibc's backtrace(), which is libgcc's unwinder, in a
// handler of the process-wide timer.
class Libgcc : public Profiler {
 public:
  Libgcc() {
    void* warm[1];
    backtrace(warm, 1);  // the first call loads libgcc
    struct sigaction action {};
    action.sa_handler = Handle;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, nullptr);
    SetTimer(1000);
  }
  void Turn() override {}
  void Finish(Shared* shared) override {
    SetTimer(0);
    std::signal(SIGPROF, SIG_IGN);
    shared->delivered = samples_.load();
    shared->recorded = samples_.load();
  }

 private:
  static void SetTimer(int microseconds) {
    const itimerval timer = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_PROF, &timer, nullptr);
  }
  static void Handle(int /*signal*/) {
    const int saved_errno = errno;
    void* frames[64];
    if (backtrace(frames, 64) > 0) samples_.fetch_add(1, std::memory_order_relaxed);
    errno = saved_errno;
  }
  static inline std::atomic<uint64_t> samples_{0};
};

}  // namespace

std::unique_ptr<Profiler> StartProfiler(const std::string& name) {
  if (name == "none") return std::make_unique<None>();
  if (name == "stacksampler") return std::make_unique<Ours>(false);
  if (name == "stacksampler-restarted") return std::make_unique<Ours>(true);
  if (name == "libgcc") return std::make_unique<Libgcc>();
  return nullptr;
}

}  // namespace stacksampler::torture
