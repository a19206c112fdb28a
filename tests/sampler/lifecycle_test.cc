// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <set>
#include <thread>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"
#include "support/process_traces.h"

namespace stacksampler {
namespace {

constexpr int64_t kMs = 1'000'000;

SamplerOptions Fast() {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  return options;
}

std::shared_ptr<Sampler> StartFast() { return StartSampler(Fast()); }

using TaskEntry = std::filesystem::directory_iterator;

void OtherHandler(int /*signal*/) {}

TEST_CASE("Sampler: a second one is refused, and the first one goes on") {
  const auto sampler = StartFast();
  CHECK(Sampler::Running() == sampler);
  const auto second = Sampler::Start();
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(Sampler::Running() == sampler);
  CHECK(BurnUntilSampled(sampler.get(), burn_alpha, "burn_alpha"));
}

TEST_CASE("Sampler: somebody else's SIGPROF handler is left alone") {
  struct sigaction theirs {};
  theirs.sa_handler = OtherHandler;
  sigaction(SIGPROF, &theirs, nullptr);
  const std::string before = ProcessTraces();
  const auto refused = Sampler::Start();
  CHECK(refused.status().code() == StatusCode::kAlreadyExists);
  CHECK(refused.status().message().find("SIGPROF is taken by a handler") == 0);
  CHECK(ProcessTraces() == before);
  CHECK(Sampler::Running() == nullptr);
  std::signal(SIGPROF, SIG_DFL);
}

TEST_CASE("Sampler: a handler that was installed meanwhile survives Stop") {
  const auto sampler = StartFast();
  struct sigaction theirs {};
  theirs.sa_handler = OtherHandler;
  sigaction(SIGPROF, &theirs, nullptr);
  REQUIRE(sampler->Stop().ok());
  struct sigaction now {};
  sigaction(SIGPROF, nullptr, &now);
  CHECK(now.sa_handler == OtherHandler);
  std::signal(SIGPROF, SIG_DFL);
}

TEST_CASE("Sampler: 200 starts and stops leave the process as it was") {
  (void)StartFast()->Stop();
  const std::string before = ProcessTraces();
  std::set<std::string> instances;
  for (int i = 0; i < 200; ++i) {
    const auto sampler = StartFast();
    instances.insert(sampler->instance());
    CHECK(sampler->instance().size() == 16);
    burn_alpha(kMs);
    REQUIRE(sampler->Stop().ok());
    REQUIRE(sampler->Stop().ok());
  }
  CHECK(instances.size() == 200);
  CHECK(SettledTraces(before) == before);
  CHECK(Sampler::Running() == nullptr);
}

TEST_CASE("Sampler: stopping beneath busy threads kills nobody") {
  Burner first("first");
  Burner second("second");
  std::atomic<bool> enough{false};
  const auto work = [&enough] {
    while (!enough) burn_alpha(kMs);
  };
  first.Begin(work);
  second.Begin(work);
  for (int i = 0; i < 50; ++i) {
    const auto sampler = StartFast();
    burn_beta(3 * kMs);
    REQUIRE(sampler->Stop().ok());
    CHECK(NothingLost(sampler->Stats()));
  }
  enough = true;
  first.Finish();
  second.Finish();
}

TEST_CASE("Sampler: dropping the last owner stops it") {
  const std::string before = ProcessTraces();
  StartFast().reset();
  CHECK(SettledTraces(before) == before);
  CHECK(Sampler::Running() == nullptr);
}

TEST_CASE("Sampler: its own thread gets no timer, however early the first reader comes") {
  (void)ProcessTraces();  // starts a thread of its own, the first time
  for (int i = 0; i < 50; ++i) {
    // The kernel lets a joined thread go a moment later, and until then it may get a timer.
    while (std::distance(TaskEntry("/proc/self/task"), TaskEntry()) > 1) std::this_thread::yield();
    const auto sampler = StartFast();
    (void)sampler->OpenReader();
    const std::string traces = ProcessTraces();
    size_t timers = 0;
    for (size_t at = 0; (at = traces.find("notify: signal/tid.", at)) != std::string::npos; ++at) {
      ++timers;
    }
    CHECK(timers == 1);
  }
}

TEST_CASE("Sampler: SIGPROF from elsewhere is counted and harmless") {
  const auto sampler = StartFast();
  raise(SIGPROF);
  sigqueue(getpid(), SIGPROF, {});
  CHECK(sampler->Stats().foreign_signals == 2);
}

TEST_CASE("Sampler: options out of range are named, and nothing is started") {
  const std::string before = ProcessTraces();
  SamplerOptions options;
  options.interval = std::chrono::microseconds(999);
  CHECK(Sampler::Start(options).status().message().find("interval") != std::string::npos);
  options = {};
  options.ring_bytes = 100'000;
  CHECK(Sampler::Start(options).status().message().find("ring_bytes") != std::string::npos);
  options = {};
  options.max_nodes = 1;
  CHECK(Sampler::Start(options).status().message().find("max_nodes") != std::string::npos);
  options = {};
  options.drain_interval = std::chrono::milliseconds(0);
  CHECK(Sampler::Start(options).status().message().find("drain_interval") != std::string::npos);
  options = {};
  options.only_thread = 1;
  CHECK(Sampler::Start(options).status().code() == StatusCode::kNotFound);
  CHECK(SettledTraces(before) == before);
}

// Its exit code, or minus the signal that killed it.
int ExitCodeOf(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Runs `child` in a forked process.
int ExitCodeOfFork(int (*child)()) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  return ExitCodeOf(pid);
}

int CheckSilentChild() {
  struct sigaction now {};
  sigaction(SIGPROF, nullptr, &now);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  burn_alpha(50 * kMs);
  if (Sampler::Running() != nullptr) return 1;
  if (now.sa_handler != SIG_DFL) return 2;
  if (sigismember(&mask, SIGPROF) != 0) return 3;
  return 0;
}

std::shared_ptr<Sampler> inherited;
ReaderId inherited_reader = 0;

int CheckInheritedIsInert() {
  const auto window = inherited->Read(inherited_reader);
  if (window.status().code() != StatusCode::kUnavailable) return 1;
  if (!inherited->Stop().ok()) return 2;
  inherited.reset();
  return 0;
}

int CheckOwnSampler() {
  auto own = Sampler::Start(Fast());
  if (!own.ok()) return 1;
  if (!BurnUntilSampled(own->get(), burn_alpha, "burn_alpha")) return 2;
  return (*own)->Stop().ok() ? 0 : 3;
}

TEST_CASE("Sampler: the child of a fork is silent and alive, the parent goes on") {
  inherited = StartFast();
  inherited_reader = inherited->OpenReader();
  Burner busy("busy");
  std::atomic<bool> enough{false};
  busy.Begin([&enough] {
    while (!enough) burn_beta(kMs);
  });
  for (int i = 0; i < 5; ++i) {
    CHECK(ExitCodeOfFork(CheckSilentChild) == 0);
    CHECK(ExitCodeOfFork(CheckInheritedIsInert) == 0);
    CHECK(ExitCodeOfFork(CheckOwnSampler) == 0);
  }
  CHECK(BurnUntilSampled(inherited.get(), burn_alpha, "burn_alpha"));
  enough = true;
  busy.Finish();
  const auto window = inherited->Take(inherited_reader);
  REQUIRE(window.ok());
  CHECK(WeightOf(window->profile, "busy", "burn_beta") > 0);
  CHECK(NothingLost(inherited->Stats()));
  inherited.reset();
}

TEST_CASE("Sampler: a copy of the process that no fork handler saw can let go of it") {
  inherited = StartFast();
  const auto pid = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (pid == 0) {
    constexpr unsigned kHangSeconds = 60;
    alarm(kHangSeconds);
    const bool stopped = inherited->Stop().ok();
    inherited.reset();
    _exit(stopped ? 0 : 1);
  }
  CHECK(ExitCodeOf(pid) == 0);
  CHECK(BurnUntilSampled(inherited.get(), burn_alpha, "burn_alpha"));
  inherited.reset();
}

int SampleThenExec() {
  auto own = Sampler::Start(Fast());
  if (!own.ok()) return 1;
  burn_alpha(5 * kMs);
  execl("/bin/true", "true", static_cast<char*>(nullptr));
  return 2;
}

TEST_CASE("Sampler: a sampled process may exec") {
  for (int i = 0; i < 30; ++i) CHECK(ExitCodeOfFork(SampleThenExec) == 0);
}

TEST_CASE("Sampler: spawned programs live") {
  const auto sampler = StartFast();
  for (int i = 0; i < 30; ++i) {
    burn_alpha(2 * kMs);
    char name[] = "true";
    char* const arguments[] = {name, nullptr};
    pid_t pid = 0;
    REQUIRE(posix_spawn(&pid, "/bin/true", nullptr, nullptr, arguments, environ) == 0);
    int status = -1;
    waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
}

TEST_CASE("Sampler: threads that come and go are followed, and let go") {
  const auto sampler = StartFast();
  for (int i = 0; i < 200; ++i) {
    std::thread([] { burn_alpha(kMs); }).join();
  }
  const auto window = sampler->Take(sampler->OpenReader());
  REQUIRE(window.ok());
  CHECK(SettledThreads(sampler.get(), 2) == 2);
  CHECK(NothingLost(sampler->Stats()));
}

TEST_CASE("Sampler: libraries may come and go beneath busy threads") {
  const auto sampler = StartFast();
  const ReaderId reader = sampler->OpenReader();
  for (int i = 0; i < 100; ++i) {
    void* library = dlopen(STACKSAMPLER_TEST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library != nullptr);
    const auto call =
        reinterpret_cast<void (*)(void (*)(int64_t), int64_t)>(dlsym(library, "call_from_library"));
    REQUIRE(call != nullptr);
    call(burn_alpha, 4 * kMs);
    (void)sampler->Read(reader);
    dlclose(library);
  }
  const auto window = sampler->Take(reader);
  REQUIRE(window.ok());
  const int64_t through_library = WeightOf(window->profile, "", "call_from_library");
  CHECK(through_library > 0);
  CHECK(through_library == WeightOf(window->profile, "", "burn_alpha"));
  CHECK(NothingLost(sampler->Stats()));
}

}  // namespace
}  // namespace stacksampler
