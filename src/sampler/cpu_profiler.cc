// SPDX-License-Identifier: MIT
#include "stacksampler/cpu_profiler.h"

#include <utility>

#include "base/reported.h"
#include "stacksampler/cpuprofile.h"

namespace stacksampler {

class CpuProfiler::Impl {
 public:
  explicit Impl(const CpuProfilerOptions& options) : options_(options) {}
  ~Impl() { (void)Stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status Start() {
    if (sampler_ != nullptr) {
      return {StatusCode::kAlreadyExists, "this CpuProfiler was started already; Stop() it first"};
    }
    sampler_ = Sampler::Running();
    own_ = sampler_ == nullptr;
    if (own_) {
      Result<std::shared_ptr<Sampler>> started = StartOwn();
      if (!started.ok()) return started.status();
      sampler_ = *std::move(started);
    }
    ReaderOptions reader;
    reader.timeline = true;
    reader.only_thread = options_.thread;
    reader_ = sampler_->OpenReader(reader);
    return Status::Ok();
  }

  Status Stop() {
    if (sampler_ == nullptr) return Status::Ok();
    const std::shared_ptr<Sampler> sampler = std::exchange(sampler_, nullptr);
    if (own_) {
      Status status = sampler->Stop();
      if (!status.ok()) return status;
    }
    const Result<Window> window = sampler->Take(reader_);
    sampler->CloseReader(reader_);
    if (!window.ok()) return window.status();
    profile_.Merge(window->profile);
    return Status::Ok();
  }

  [[nodiscard]] const Profile& profile() const { return profile_; }

 private:
  Result<std::shared_ptr<Sampler>> StartOwn() const {
    SamplerOptions options;
    options.interval = options_.interval;
    options.only_thread = options_.thread;
    options.mode = options_.mode;
    return Sampler::Start(options);
  }

  CpuProfilerOptions options_;
  std::shared_ptr<Sampler> sampler_;  // null when stopped
  bool own_ = false;
  ReaderId reader_ = 0;
  Profile profile_;
};

CpuProfiler::CpuProfiler(const CpuProfilerOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
CpuProfiler::~CpuProfiler() = default;

ReportedStatus CpuProfiler::Start() { return Report("CpuProfiler::Start", impl_->Start()); }
ReportedStatus CpuProfiler::Stop() { return Report("CpuProfiler::Stop", impl_->Stop()); }
const Profile& CpuProfiler::profile() const { return impl_->profile(); }
std::string CpuProfiler::Output() const { return EncodeCpuProfile(impl_->profile()); }

}  // namespace stacksampler
