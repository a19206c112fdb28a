// SPDX-License-Identifier: MIT
// The server is a guest in somebody's process: what it finds there it leaves as it was.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/client.h"
#include "http/listener.h"
#include "http/process_state.h"
#include "http/raw_socket.h"
#include "http/server.h"
#include "http/test_server.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

void OwnHandler(int) {}

// Name and blocked signals of each thread but the calling process's main one.
struct ThreadState {
  std::string name;
  uint64_t blocked = 0;
};

std::vector<ThreadState> OtherThreads() {
  std::vector<ThreadState> threads;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(getpid())) continue;
    std::ifstream status(task.path() / "status");
    ThreadState state;
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("Name:\t", 0) == 0) state.name = line.substr(6);
      if (line.rfind("SigBlk:\t", 0) == 0) state.blocked = std::stoull(line.substr(8), nullptr, 16);
    }
    threads.push_back(state);
  }
  return threads;
}

bool IsBlocked(const ThreadState& thread, int signal) {
  return (thread.blocked >> (signal - 1) & 1) != 0;
}

}  // namespace

TEST_CASE("Server manners: SIGPIPE keeps the disposition that the process gave it") {
  struct sigaction own {};
  own.sa_handler = OwnHandler;
  own.sa_flags = SA_RESTART;
  sigaddset(&own.sa_mask, SIGUSR1);
  struct sigaction before {};
  REQUIRE(sigaction(SIGPIPE, &own, &before) == 0);
  {
    TestServer server;
    CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
    CHECK(Get("127.0.0.1", server.port(), "/").ok());
  }
  struct sigaction after {};
  REQUIRE(sigaction(SIGPIPE, &before, &after) == 0);
  CHECK(after.sa_handler == OwnHandler);
  CHECK((after.sa_flags & SA_RESTART) != 0);
  CHECK(sigismember(&after.sa_mask, SIGUSR1) == 1);
}

TEST_CASE("Server manners: a peer that resets raises no SIGPIPE") {
  // With the default disposition the signal would end this test program.
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  struct sigaction before {};
  REQUIRE(sigaction(SIGPIPE, &fatal, &before) == 0);
  {
    TestServer server;
    for (int i = 0; i < 20; ++i) {
      RawSocket socket(server.port());
      socket.Send(GetRequest("/big?bytes=4000000"));
      socket.Reset();
    }
    CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
  }
  sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("Server manners: two named threads by default, deaf to the process's signals") {
  const size_t threads_before = RunningThreads();
  sigset_t mask_before;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  TestServer server;
  sigset_t mask_after;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  CHECK(RunningThreads() == threads_before + 2);
  REQUIRE(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);  // both run by now
  int own_threads = 0;
  for (const ThreadState& thread : OtherThreads()) {
    if (thread.name != "stacksampler-ht") continue;
    ++own_threads;
    for (const int signal :
         {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPROF, SIGPIPE, SIGUSR1, SIGALRM}) {
      CAPTURE(signal);
      CHECK(IsBlocked(thread, signal));
    }
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
      CAPTURE(signal);
      CHECK_FALSE(IsBlocked(thread, signal));
    }
  }
  CHECK(own_threads == 2);
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    CHECK(sigismember(&mask_before, signal) == sigismember(&mask_after, signal));
  }
}

TEST_CASE("Server manners: Stop ends threads and descriptors whatever the peers are doing") {
  const size_t threads_before = RunningThreads();
  const size_t descriptors_before = OpenDescriptors();
  for (int round = 0; round < 10; ++round) {
    TestServer server;
    RawSocket idle(server.port());
    RawSocket half(server.port());
    half.Send("GET / HTTP/1.1\r\n");
    RawSocket reader(server.port(), 4096);
    reader.Send(GetRequest("/big?bytes=4000000"));
    CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
    server.server().Stop();
    CHECK_FALSE(RawSocket(server.port()).connected());
  }
  CHECK(RunningThreads() == threads_before);
  CHECK(OpenDescriptors() == descriptors_before);
}

TEST_CASE("Server manners: Stop may be called twice and from two threads") {
  TestServer server;
  std::thread other([&] { server.server().Stop(); });
  server.server().Stop();
  other.join();
  server.server().Stop();
  CHECK_FALSE(RawSocket(server.port()).connected());
}

TEST_CASE("Server manners: a forked child lets go of the port and can end, the parent serves on") {
  TestServer server;
  int ready[2];
  int gate[2];
  REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
  REQUIRE(pipe2(gate, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  char byte = 'x';
  if (child == 0) {
    alarm(60);  // a hang of the child shall end as a failure
    close(gate[1]);
    server.server().Stop();
    const bool is_told = write(ready[1], &byte, 1) == 1;
    _exit(is_told && read(gate[0], &byte, 1) == 0 ? 0 : 1);  // lives until the gate is closed
  }
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
  server.server().Stop();
  CHECK(OpenListener("127.0.0.1", server.port(), 0).ok());
  close(gate[1]);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  for (const int fd : {ready[0], ready[1], gate[0]}) close(fd);
}

TEST_CASE("Server manners: a forked child holds no peer that its parent serves") {
  const size_t before = OpenDescriptors();
  TestServer server;
  RawSocket half(server.port());
  half.Send("GET / HTTP/1.1\r\n");
  // Newcomers are taken in their order: with this one answered, the other one is in.
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
  // A fork amid the closing of that one would leave the child a descriptor that nobody knows.
  server.AwaitCounter(&ServerCounters::answered, 1);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    server.server().Stop();
    _exit(OpenDescriptors() == before + 1 ? 0 : 1);  // its copy of `half`
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK_FALSE(half.IsClosedByPeer());
}

}  // namespace stacksampler::http
