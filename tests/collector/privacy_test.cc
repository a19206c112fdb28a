// SPDX-License-Identifier: MIT
//
// What leaves a process, and what a store keeps of it: searched byte by byte for what must not be
// there.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "collector/collector.h"
#include "http/client.h"
#include "store/store_support.h"
#include "stored_bytes.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// Runs tests/collector/secretive.cc; ends it with itself.
class Secretive {
 public:
  Secretive() {
    int in[2];
    int out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string program = std::string(STACKSAMPLER_BIN_DIR) + "/secretive";
    std::string argument = "--password=swordfish-argument";
    std::string key = "API_KEY=swordfish-variable";
    std::string home = "HOME=/home/swordfish-home";
    char* arguments[] = {program.data(), argument.data(), nullptr};
    char* environment[] = {key.data(), home.data(), nullptr};
    REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    lifeline_ = in[1];
    char text[16] = "";
    REQUIRE(read(out[0], text, sizeof text - 1) > 0);
    close(out[0]);
    port = static_cast<uint16_t>(std::stoi(text));
  }
  ~Secretive() {
    close(lifeline_);
    waitpid(pid_, nullptr, 0);
  }
  Secretive(const Secretive&) = delete;
  Secretive& operator=(const Secretive&) = delete;

  uint16_t port = 0;

 private:
  pid_t pid_ = 0;
  int lifeline_ = -1;
};

std::string AllAnswers(uint16_t port) {
  std::string bytes;
  http::FetchOptions patient;
  patient.total_timeout = std::chrono::minutes(2);
  for (const char* path : {"/", "/?names=full", "/?by=thread", "/stats", "/window?reader=test"}) {
    const auto answer = http::Get("127.0.0.1", port, path, patient);
    REQUIRE(answer.ok());
    REQUIRE(answer->status == 200);
    for (const auto& [name, value] : answer->headers) bytes += name + ": " + value + '\n';
    bytes += answer->body;
  }
  return bytes;
}

bool Holds(const std::string& bytes, const std::string& text) {
  return bytes.find(text) != std::string::npos;
}

// Polls until some of its work is stored, sealed or not.
void CollectWork(uint16_t port, const std::string& dir) {
  const auto writer = store::MustWrite(dir, {});
  for (uint64_t weight = 0; weight < 10;) {
    CollectorOptions options;
    options.fetch.total_timeout = std::chrono::minutes(2);
    Collector collector({{"127.0.0.1", port}}, writer.get(), options);
    REQUIRE(collector.RunOnce());
    weight += collector.counters().stored_weight;
  }
}

TEST_CASE("Privacy: no command line, environment or home directory is served or stored") {
  const Secretive service;
  const store::TempDir dir;
  CollectWork(service.port, dir.path("db"));
  std::string bytes = AllAnswers(service.port) + StoredBytes(dir.path("db"));
  REQUIRE(store::MustWrite(dir.path("db"), {})->Seal().ok());
  bytes += StoredBytes(dir.path("db"));
  CHECK(Holds(bytes, "WorkInSecret"));
  CHECK(Holds(bytes, "secretive"));
  CHECK_FALSE(Holds(bytes, "swordfish"));
  CHECK_FALSE(Holds(bytes, "/home/"));
}

}  // namespace
}  // namespace stacksampler::collector
