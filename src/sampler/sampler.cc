// SPDX-License-Identifier: MIT
#include "stacksampler/sampler.h"

#include <bit>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "base/errno_status.h"
#include "base/home_path.h"
#include "sampler/process_state.h"
#include "sampler/sampler_core.h"
#include "sampler/static_labels.h"

namespace stacksampler {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds kMinInterval = milliseconds(1);
constexpr nanoseconds kMaxInterval = std::chrono::seconds(10);
constexpr milliseconds kMinDrainInterval{1};
constexpr milliseconds kMaxDrainInterval{60'000};
constexpr size_t kMinRingBytes = size_t{16} << 10;
constexpr size_t kMaxRingBytes = size_t{1} << 30;
constexpr size_t kMinNodes = 1024;
constexpr size_t kMaxNodes = size_t{1} << 30;

Status Invalid(const char* what) { return {StatusCode::kInvalidArgument, what}; }

Status Check(const SamplerOptions& options) {
  if (options.interval < kMinInterval || options.interval > kMaxInterval) {
    return Invalid("SamplerOptions::interval: pass 1 ms to 10 s");
  }
  if (options.drain_interval < kMinDrainInterval || options.drain_interval > kMaxDrainInterval) {
    return Invalid("SamplerOptions::drain_interval: pass 1 ms to 60 s");
  }
  if (!std::has_single_bit(options.ring_bytes) || options.ring_bytes < kMinRingBytes ||
      options.ring_bytes > kMaxRingBytes) {
    return Invalid("SamplerOptions::ring_bytes: pass a power of two from 16 KiB to 1 GiB");
  }
  if (options.max_nodes < kMinNodes || options.max_nodes > kMaxNodes) {
    return Invalid("SamplerOptions::max_nodes: pass 2^10 to 2^30");
  }
  return sampling::CheckStaticLabels(options.labels);
}

}  // namespace

class Sampler::Impl : public sampling::SamplerCore {
 public:
  using SamplerCore::SamplerCore;
};

Sampler::Sampler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::shared_ptr<Sampler>> Sampler::Start(const SamplerOptions& options) {
  return IfMemoryLasts([&] { return StartIfMemoryLasts(options); });
}

Result<std::shared_ptr<Sampler>> Sampler::StartIfMemoryLasts(const SamplerOptions& options) {
  Status status = Check(options);
  if (!status.ok()) return status;
  sampling::ProcessState& process = sampling::TheProcess();
  std::unique_lock lock(process.lock);
  if (process.active != nullptr) {
    return Status(StatusCode::kAlreadyExists,
                  "a sampler runs in this process already; use Sampler::Running()");
  }
  if (process.lost_in_fork) {
    return Status(StatusCode::kUnavailable,
                  "this process was forked while the sampler was busy; exec, or fork again");
  }
  if (const char* home = secure_getenv("HOME")) SetOwnHome(home);
  sampling::FollowForks();
  std::shared_ptr<Sampler> sampler(new Sampler(std::make_unique<Impl>(options)));
  status = sampler->impl_->Begin();
  if (!status.ok()) {
    lock.unlock();  // which the end of the sampler takes
    return status;
  }
  process.active = sampler->impl_.get();
  process.running = sampler;
  return sampler;
}

std::shared_ptr<Sampler> Sampler::Running() {
  sampling::FollowForks();
  sampling::ProcessState& process = sampling::TheProcess();
  const std::lock_guard lock(process.lock);
  return process.active == nullptr ? nullptr : process.running.lock();
}

Sampler::~Sampler() {
  (void)Stop();
  // Parts of a forked copy may have been in the middle of a change.
  if (impl_->abandoned()) (void)impl_.release();
}

Status Sampler::Stop() {
  if (impl_->abandoned()) return Status::Ok();
  sampling::ProcessState& process = sampling::TheProcess();
  const std::lock_guard lock(process.lock);
  if (process.active != impl_.get()) return Status::Ok();
  Status status = impl_->End();
  process.active = nullptr;
  return status;
}

ReaderId Sampler::OpenReader(const ReaderOptions& options) { return impl_->OpenReader(options); }
void Sampler::CloseReader(ReaderId reader) { impl_->CloseReader(reader); }
bool Sampler::KeepTimes(ReaderId reader, std::chrono::nanoseconds bucket) {
  return impl_->KeepTimes(reader, bucket.count());
}
Result<Window> Sampler::Read(ReaderId reader) { return impl_->Read(reader, false); }
Result<Window> Sampler::Take(ReaderId reader) { return impl_->Read(reader, true); }
bool Sampler::Acknowledge(ReaderId reader, uint64_t window_id) {
  return impl_->Acknowledge(reader, window_id);
}
SamplerStats Sampler::Stats() const { return impl_->Stats(); }
std::map<std::string, uint64_t> Sampler::ThreadsThatBlockSigprof() const {
  return impl_->ThreadsThatBlockSigprof();
}
const SamplerOptions& Sampler::options() const { return impl_->options(); }
const std::string& Sampler::instance() const { return impl_->instance(); }

}  // namespace stacksampler
