// SPDX-License-Identifier: MIT
//
// Wall-clock mode: time in which threads wait.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"
#include "support/plain_read.h"

namespace stacksampler {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kMs = 1'000'000;

std::shared_ptr<Sampler> StartWall(milliseconds interval = milliseconds(5)) {
  SamplerOptions options;
  options.mode = SamplerMode::kWall;
  options.interval = interval;
  options.drain_interval = milliseconds(10);
  return StartSampler(options);
}

bool HasFrame(const Profile& profile, StackId stack, const std::string& name) {
  for (const FrameId frame : profile.StackFrames(stack)) {
    if (profile.FrameName(frame) == name) return true;
  }
  return false;
}

int64_t WeightInState(const Profile& profile, const std::string& thread, const std::string& state,
                      const std::string& frame) {
  Profile part;
  int64_t sum = 0;
  for (const Sample& sample : profile.samples()) {
    std::string has_thread;
    std::string has_state;
    for (const auto& [key, value] : profile.label_sets()[sample.labels]) {
      if (key == "thread") has_thread = value;
      if (key == "state") has_state = value;
    }
    if (has_thread != thread || has_state != state) continue;
    if (frame.empty() || HasFrame(profile, sample.stack, frame)) sum += sample.weight;
  }
  return sum;
}

// A pipe that a thread may wait for.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { REQUIRE(pipe(ends) == 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  void Write() const { REQUIRE(write(ends[1], "x", 1) == 1); }
};

extern "C" __attribute__((noinline)) ssize_t wait_in_read(int file) {
  char byte = 0;
  const ssize_t got = tests::PlainRead(file, &byte, 1);
  asm volatile("");  // no tail call
  return got;
}

extern "C" __attribute__((noinline)) ssize_t wait_deep_in_read(int file, int depth) {
  const ssize_t got = depth == 0 ? wait_in_read(file) : wait_deep_in_read(file, depth - 1);
  asm volatile("");
  return got;
}

// Keeps a frame pointer that nothing below it saves.
extern "C" __attribute__((noinline, optimize("no-omit-frame-pointer"))) ssize_t wait_by_rbp(
    int file) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(64 + static_cast<size_t>(file) * 16));
  room[0] = 1;
  char byte = 0;
  const ssize_t got = tests::PlainRead(file, &byte, 1);
  room[1] = byte;
  return got;
}

void WaitForWeight(Sampler* sampler, uint64_t weight) {
  for (int i = 0; i < 10'000 && sampler->Stats().waiting_weight < weight; ++i) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  REQUIRE(sampler->Stats().waiting_weight >= weight);
}

// Until the thread was seen waiting there. On a starved machine it may long wait for its first
// turn.
void WaitUntilSeen(Sampler* sampler, const std::string& thread, const std::string& frame,
                   int64_t weight) {
  ReaderOptions options;
  options.from_start = true;
  const ReaderId reader = sampler->OpenReader(options);
  int64_t seen = 0;
  for (int i = 0; i < 10'000 && seen < weight; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
    const auto window = sampler->Read(reader);
    REQUIRE(window.ok());
    seen = WeightInState(window->profile, thread, "waiting", frame);
  }
  sampler->CloseReader(reader);
  REQUIRE(seen >= weight);
}

// Lets a thread wait in `wait`, which `frame` is a part of.
Profile ProfileOfWaiting(const std::function<void(int)>& wait, const std::string& frame,
                         SamplerStats* stats) {
  const Pipe pipe;
  Burner waiter("waiter");
  waiter.Begin([&] { wait(pipe.ends[0]); });
  const auto sampler = StartWall();
  WaitUntilSeen(sampler.get(), "waiter", frame, 40);
  Profile profile = TakeAll(sampler.get());
  *stats = sampler->Stats();
  pipe.Write();
  waiter.Finish();
  return profile;
}

TEST_CASE("Wall: a blocked thread is seen where it waits, under its whole stack") {
  SamplerStats stats;
  const Profile profile =
      ProfileOfWaiting([](int file) { wait_deep_in_read(file, 3); }, "wait_in_read", &stats);
  const int64_t in_read = WeightInState(profile, "waiter", "waiting", "wait_in_read");
  CHECK(in_read >= 40);
  CHECK(WeightInState(profile, "waiter", "running", "wait_in_read") == 0);
  int deepest = 0;
  for (const Sample& sample : profile.samples()) {
    int frames = 0;
    for (const FrameId id : profile.StackFrames(sample.stack)) {
      frames += profile.FrameName(id) == "wait_deep_in_read" ? 1 : 0;
    }
    deepest = std::max(deepest, frames);
  }
  CHECK(deepest == 4);
  CHECK(WeightOf(profile, "waiter", "[incomplete]") == 0);
}

TEST_CASE("Wall: a thread that does not move is walked once for each place") {
  const Pipe pipe;
  Burner waiter("waiter");
  SamplerOptions options;
  options.mode = SamplerMode::kWall;
  options.drain_interval = milliseconds(10);
  options.only_thread = waiter.tid();
  const auto sampler = *Sampler::Start(options);
  waiter.Begin([&pipe] { wait_in_read(pipe.ends[0]); });
  WaitUntilSeen(sampler.get(), "waiter", "wait_in_read", 40);
  const SamplerStats stats = sampler->Stats();
  // Before it was told to begin, and since.
  CHECK(stats.waiting_looks - stats.moved_looks <= 2);
  CHECK(stats.waiting_looks - stats.moved_looks >= 1);
  CHECK(WeightInState(TakeAll(sampler.get()), "waiter", "waiting", "wait_in_read") > 0);
  pipe.Write();
  waiter.Finish();
}

TEST_CASE("Wall: a frame by an unknown rbp is found by the call that made it, and flagged") {
  SamplerStats stats;
  const Profile profile =
      ProfileOfWaiting([](int file) { wait_by_rbp(file); }, "wait_by_rbp", &stats);
  CHECK(WeightInState(profile, "waiter", "waiting", "wait_by_rbp") > 0);
  CHECK(WeightOf(profile, "waiter", "[incomplete]") == 0);
  CHECK(stats.guessed_frames > 0);
}

TEST_CASE("Wall: nobody's system call is interrupted") {
  // No CPU timer comes due in the little that the sleeper runs: it may be in its call then.
  const auto sampler = StartWall(milliseconds(1000));
  std::atomic<int> interrupted{0};
  std::atomic<bool> enough{false};
  std::thread sleeper([&] {
    while (!enough) {
      const timespec pause{0, 20 * kMs};
      if (nanosleep(&pause, nullptr) != 0) ++interrupted;
    }
  });
  WaitForWeight(sampler.get(), 3);
  enough = true;
  sleeper.join();
  CHECK(sampler->Stats().waiting_looks > 0);
  CHECK(interrupted == 0);
}

TEST_CASE("Wall: a thread's weights are the wall time that it existed, running and waiting") {
  const Pipe pipe;
  Burner mixed("mixed");
  timespec begin{};
  timespec end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const auto sampler = StartWall();
  timespec started{};
  clock_gettime(CLOCK_MONOTONIC, &started);
  mixed.Begin([&pipe] {
    burn_alpha(100 * kMs);
    wait_in_read(pipe.ends[0]);
    burn_beta(100 * kMs);
  });
  WaitUntilSeen(sampler.get(), "mixed", "wait_in_read", 1);
  pipe.Write();
  const int64_t used = mixed.Finish();
  timespec before{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  const Profile profile = TakeAll(sampler.get());
  clock_gettime(CLOCK_MONOTONIC, &end);
  const auto ns = [](const timespec& from, const timespec& to) {
    return (to.tv_sec - from.tv_sec) * 1'000'000'000 + to.tv_nsec - from.tv_nsec;
  };
  const int64_t period = profile.period_ns;
  const int64_t weighed = WeightOf(profile, "mixed", "") * period;
  INFO(weighed << " ns weighed");
  CHECK(weighed >= ns(started, before) - period);
  CHECK(weighed <= ns(begin, end) + period);
  const int64_t running = WeightInState(profile, "mixed", "running", "") * period;
  CHECK(std::abs(running - used) <= period + 2 * kMs);
  CHECK(WeightInState(profile, "mixed", "waiting", "wait_in_read") > 0);
  CHECK(WeightInState(profile, "mixed", "waiting", "burn_alpha") == 0);
}

TEST_CASE("Wall: each window closes, and no waiting is shown twice") {
  const Pipe pipe;
  Burner waiter("waiter");
  const auto sampler = StartWall();
  ReaderOptions options;
  options.from_start = true;
  const ReaderId reader = sampler->OpenReader(options);
  const ReaderId witness = sampler->OpenReader(options);
  waiter.Begin([&pipe] { wait_in_read(pipe.ends[0]); });
  int64_t taken = 0;
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(milliseconds(12));
    const auto window = sampler->Take(reader);
    REQUIRE(window.ok());
    taken += WeightInState(window->profile, "waiter", "waiting", "");
  }
  pipe.Write();
  waiter.Finish();
  REQUIRE(sampler->Stop().ok());
  taken += WeightInState(sampler->Take(reader)->profile, "waiter", "waiting", "");
  const Profile all = sampler->Take(witness)->profile;
  CHECK(taken == WeightInState(all, "waiter", "waiting", ""));
  CHECK(taken > 0);
}

TEST_CASE("Wall: that the profiler's own threads wait is not shown") {
  const auto sampler = StartWall();
  WaitForWeight(sampler.get(), 20);
  const Profile profile = TakeAll(sampler.get());
  CHECK(WeightInState(profile, "sampler_test", "waiting", "") > 0);
  CHECK(WeightInState(profile, "stacksampler", "waiting", "") == 0);
}

TEST_CASE("Wall: threads may come, wait, move and go under the sampler's eyes") {
  const auto sampler = StartWall();
  std::atomic<bool> enough{false};
  std::vector<std::thread> movers;
  for (int i = 0; i < 4; ++i) {
    movers.emplace_back([&enough] {
      while (!enough) {
        const timespec pause{0, kMs / 10};
        nanosleep(&pause, nullptr);
        std::thread([] { usleep(100); }).join();
      }
    });
  }
  for (int i = 0; i < 200; ++i) (void)TakeAll(sampler.get());
  enough = true;
  for (std::thread& mover : movers) mover.join();
  CHECK(sampler->Stats().waiting_looks > 0);
  CHECK(NothingLost(sampler->Stats()));
}

TEST_CASE("Wall: a timeline holds waiting, too") {
  const Pipe pipe;
  Burner waiter("waiter");
  const auto sampler = StartWall();
  ReaderOptions options;
  options.timeline = true;
  const ReaderId reader = sampler->OpenReader(options);
  waiter.Begin([&pipe] { wait_in_read(pipe.ends[0]); });
  WaitUntilSeen(sampler.get(), "waiter", "wait_in_read", 40);
  const auto window = sampler->Take(reader);
  pipe.Write();
  waiter.Finish();
  REQUIRE(window.ok());
  int64_t timed = 0;
  for (const TimedSample& sample : window->profile.timeline()) {
    if (HasFrame(window->profile, sample.stack, "wait_in_read")) timed += sample.weight;
  }
  CHECK(timed > 0);
}

TEST_CASE("CPU mode: samples carry no state, and waiting no weight") {
  auto started = Sampler::Start();
  REQUIRE(started.ok());
  REQUIRE(BurnUntilSampled(started->get(), burn_alpha, "burn_alpha"));
  const Profile profile = TakeAll(started->get());
  for (const Labels& labels : profile.label_sets()) CHECK(labels.size() <= 1);
  CHECK((*started)->Stats().waiting_weight == 0);
}

}  // namespace
}  // namespace stacksampler
