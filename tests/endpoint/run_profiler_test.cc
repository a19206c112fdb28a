// SPDX-License-Identifier: MIT
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "http/client.h"
#include "http/server.h"
#include "http/tls/open.h"
#include "stacksampler/c_api.h"
#include "stacksampler/stacksampler.h"
#include "support/captured_stderr.h"
#include "support/catch.h"
#include "support/process_traces.h"
#include "support/temporary_folder.h"
#include "support/test_certificates.h"
#include "support/token_file.h"

namespace stacksampler {
namespace {

ProfilerOptions AnyPort() {
  ProfilerOptions options;
  options.port = 0;
  return options;
}

TEST_CASE("run_profiler: starts the endpoint, stop_profiler leaves the process as it was") {
  const std::string before = ProcessTraces();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(run_profiler(AnyPort()).ok());
    const auto answer = http::Get("127.0.0.1", profiler_port(), "/");
    REQUIRE(answer.ok());
    CHECK(answer->body.rfind("elapsed ", 0) == 0);
    REQUIRE(stop_profiler().ok());
    CHECK(profiler_port() == 0);
  }
  CHECK(SettledTraces(before) == before);
}

TEST_CASE(
    "run_profiler: a second call, a taken port and a taken SIGPROF are a Status, not an end") {
  REQUIRE(run_profiler(AnyPort()).ok());
  const Status second = run_profiler(AnyPort());
  CHECK(second.code() == StatusCode::kAlreadyExists);
  REQUIRE(stop_profiler().ok());

  auto other = http::Server::Listen({}, [](const http::Request&) { return http::Response(); });
  REQUIRE(other.ok());
  const Status taken = run_profiler("127.0.0.1", (*other)->port());
  CHECK(taken.code() == StatusCode::kAlreadyExists);
  CHECK(taken.message().find(std::to_string((*other)->port())) != std::string::npos);
  CHECK(Sampler::Running() == nullptr);

  struct sigaction mine {};
  mine.sa_handler = [](int) {};
  struct sigaction before {};
  sigaction(SIGPROF, &mine, &before);
  const Status owned = run_profiler(AnyPort());
  CHECK(owned.message().find("SIGPROF") != std::string::npos);
  struct sigaction now {};
  sigaction(SIGPROF, &before, &now);
  CHECK(now.sa_handler == mine.sa_handler);
}

TEST_CASE("run_profiler: a port range takes the first free one") {
  auto other = http::Server::Listen({}, [](const http::Request&) { return http::Response(); });
  REQUIRE(other.ok());
  ProfilerOptions options;
  options.port = (*other)->port();
  options.last_port = static_cast<uint16_t>(std::min(options.port + 20, 65535));
  REQUIRE(run_profiler(options).ok());
  CHECK(profiler_port() > options.port);
  CHECK(profiler_port() <= options.last_port);
  CHECK(stop_profiler().ok());
}

// Status of a request under this Host header.
int StatusUnder(const std::string& host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(profiler_port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const std::string request = "GET /stats HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  REQUIRE(write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char chunk[4096];
  for (ssize_t n = 0; (n = read(fd, chunk, sizeof chunk)) > 0;) {
    answer.append(chunk, static_cast<size_t>(n));
  }
  close(fd);
  REQUIRE(answer.rfind("HTTP/1.1 ", 0) == 0);
  if (answer.rfind("HTTP/1.1 421", 0) == 0) {
    CHECK(answer.find("STACKSAMPLER_ALLOWED_HOSTS") != std::string::npos);
  }
  return std::stoi(answer.substr(9, 3));
}

TEST_CASE("run_profiler: beyond loopback the machine's own name may be asked, others if allowed") {
  char own[HOST_NAME_MAX + 1] = "";
  REQUIRE(gethostname(own, sizeof own) == 0);
  ProfilerOptions options = AnyPort();
  REQUIRE(run_profiler(options).ok());
  if (std::string(own) != "localhost") CHECK(StatusUnder(own) == 421);
  REQUIRE(stop_profiler().ok());
  options.host = "0.0.0.0";
  options.allowed_hosts = {"Web.example"};
  REQUIRE(run_profiler(options).ok());
  CHECK(StatusUnder(own) == 200);
  CHECK(StatusUnder("web.example:80") == 200);
  CHECK(StatusUnder("evil.example") == 421);
  CHECK(stop_profiler().ok());
}

TEST_CASE("run_profiler: a forked child holds neither port nor profiler, and may start its own") {
  REQUIRE(run_profiler(AnyPort()).ok());
  const uint16_t port = profiler_port();
  const pid_t child = fork();
  if (child == 0) {
    const bool silent = profiler_port() == 0 && Sampler::Running() == nullptr;
    const bool own = run_profiler(AnyPort()).ok() && stop_profiler().ok();
    _exit(silent && own ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(http::Get("127.0.0.1", port, "/").ok());
  CHECK(stop_profiler().ok());
}

TEST_CASE("run_profiler: on a unix socket it answers there, warns of nobody and cleans up") {
  const std::string before = ProcessTraces();
  const tests::TemporaryFolder folder;
  const std::string place = "unix:" + folder / "app.sock";
  setenv("STACKSAMPLER_ADDR", place.c_str(), 1);
  std::string said;
  {
    const CapturedStderr log;
    REQUIRE(run_profiler().ok());
    said = log.Text();
  }
  CHECK(said.empty());
  CHECK(profiler_port() == 0);
  CHECK(http::Get(place, 0, "/")->body.rfind("elapsed ", 0) == 0);
  CHECK(run_profiler(AnyPort()).message().find("runs already, on " + place) != std::string::npos);
  http::FetchOptions foreign;
  foreign.headers = {{"Origin", "http://evil.example"}};
  CHECK(http::Get(place, 0, "/?reset=1", foreign)->status == 403);
  CHECK(http::Get(place, 0, "/window?reader=a", foreign)->status == 403);
  CHECK(stop_profiler().ok());
  CHECK(std::filesystem::is_empty(folder.path()));
  unsetenv("STACKSAMPLER_ADDR");
  CHECK(SettledTraces(before) == before);
}

TEST_CASE("run_profiler: a forked child leaves its parent's unix socket, and may take its own") {
  const tests::TemporaryFolder folder;
  ProfilerOptions options;
  options.host = "unix:" + folder / "parent.sock";
  REQUIRE(run_profiler(options).ok());
  const pid_t child = fork();
  if (child == 0) {
    options.host = "unix:" + folder / "child.sock";
    _exit(run_profiler(options).ok() && stop_profiler().ok() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(http::Get("unix:" + folder / "parent.sock", 0, "/").ok());
  CHECK(stop_profiler().ok());
  CHECK(std::filesystem::is_empty(folder.path()));
}

http::FetchOptions TrustingTestCa() {
  http::FetchOptions fetch;
  auto tls = http::OpenTlsClient(tests::TestCertificates::Get().ca());
  REQUIRE(tls.ok());
  fetch.tls = *std::move(tls);
  return fetch;
}

TEST_CASE(
    "run_profiler: with a certificate it speaks TLS alone, and asks for its token behind it") {
  const TokenFile file("0123456789abcdef\n");
  const auto files = tests::TestCertificates::Get().good();
  setenv("STACKSAMPLER_ADDR", "127.0.0.1:26384..26484", 1);
  setenv("STACKSAMPLER_TLS_CERT", files.cert.c_str(), 1);
  setenv("STACKSAMPLER_TLS_KEY", files.key.c_str(), 1);
  setenv("STACKSAMPLER_TOKEN_FILE", file.path().c_str(), 1);
  http::FetchOptions fetch = TrustingTestCa();
  const CapturedStderr log;
  REQUIRE(run_profiler().ok());
  CHECK(http::Get("localhost", profiler_port(), "/stats", fetch)->status == 401);
  fetch.token = "0123456789abcdef";
  CHECK(http::Get("localhost", profiler_port(), "/", fetch)->body.rfind("elapsed ", 0) == 0);
  CHECK(http::Get("localhost", profiler_port(), "/window?reader=a", fetch)->status == 200);
  fetch.tls = nullptr;
  CHECK(http::Get("localhost", profiler_port(), "/", fetch).status().message().find("https://") !=
        std::string::npos);
  CHECK(stop_profiler().ok());
  CHECK(log.Text().empty());
  for (const char* name : {"STACKSAMPLER_ADDR", "STACKSAMPLER_TLS_CERT", "STACKSAMPLER_TLS_KEY",
                           "STACKSAMPLER_TOKEN_FILE"}) {
    unsetenv(name);
  }
}

TEST_CASE("run_profiler: half a certificate starts nothing, one that has expired is warned of") {
  ProfilerOptions options = AnyPort();
  options.tls_cert_file = tests::TestCertificates::Get().expired().cert;
  CHECK(run_profiler(options).message().find("name both") != std::string::npos);
  options.tls_key_file = tests::TestCertificates::Get().good().key;
  CHECK(run_profiler(options).message().find("is not the key of") != std::string::npos);
  CHECK(Sampler::Running() == nullptr);
  options.tls_key_file = tests::TestCertificates::Get().expired().key;
  const CapturedStderr log;
  REQUIRE(run_profiler(options).ok());
  CHECK(log.Text().find("stacksampler: the certificate in " + options.tls_cert_file) == 0);
  CHECK(stop_profiler().ok());
}

TEST_CASE("run_profiler: stops as it started, with TLS as without") {
  ProfilerOptions options = AnyPort();
  options.tls_cert_file = tests::TestCertificates::Get().good().cert;
  options.tls_key_file = tests::TestCertificates::Get().good().key;
  const http::FetchOptions fetch = TrustingTestCa();
  const std::string before = ProcessTraces();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(run_profiler(options).ok());
    CHECK(http::Get("localhost", profiler_port(), "/", fetch).ok());
    REQUIRE(stop_profiler().ok());
  }
  CHECK(SettledTraces(before) == before);
}

// Whether all threads but this one sleep.
bool OthersRest() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream in(task.path() / "stat");
    std::string stat;
    std::getline(in, stat);
    if (stat.find(") S ") == std::string::npos) return false;
  }
  return true;
}

// However long a starved machine lets them wait for their first turn.
void AwaitRest() {
  constexpr int kLooks = 5;
  int rests = 0;
  for (int i = 0; i < 1000 && rests < kLooks; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    rests = OthersRest() ? rests + 1 : 0;
  }
}

// What a daemon does at its start, here after the profiler's. Exit code 0 when all is well.
int CloseAllAndOpenFiles() {
  // The sampler's own look at /proc must not be cut through: no program's threads survive that.
  ProfilerOptions options = AnyPort();
  options.sampler.drain_interval = std::chrono::seconds(60);
  if (!run_profiler(options).ok()) return 1;
  AwaitRest();
  closefrom(3);
  FILE* files[12];
  for (FILE*& file : files) file = tmpfile();
  if (!stop_profiler().ok()) return 2;
  for (FILE* file : files) {
    if (file == nullptr || fseek(file, 0, SEEK_END) != 0 || ftell(file) != 0) return 3;
    if (fclose(file) != 0) return 4;
  }
  return 0;
}

TEST_CASE("run_profiler: a host that closes all descriptors keeps its files, and can stop") {
  const pid_t child = fork();
  if (child == 0) _exit(CloseAllAndOpenFiles());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE(
    "run_profiler: with a token it answers those who send it, and a bad file starts nothing") {
  const TokenFile file("0123456789abcdef\n");
  ProfilerOptions options = AnyPort();
  options.token_file = file.path() + ".missing";
  CHECK(run_profiler(options).message().find(options.token_file) != std::string::npos);
  CHECK(profiler_port() == 0);
  CHECK(Sampler::Running() == nullptr);
  options.token_file = file.path();
  REQUIRE(run_profiler(options).ok());
  http::FetchOptions fetch;
  for (const char* route : {"/", "/stats", "/window?reader=a", "/?reset=1"}) {
    CHECK(http::Get("127.0.0.1", profiler_port(), route)->status == 401);
    fetch.token = "0123456789abcdef";
    CHECK(http::Get("127.0.0.1", profiler_port(), route, fetch)->status == 200);
  }
  CHECK(stop_profiler().ok());
}

TEST_CASE("run_profiler: beyond loopback it warns once, unless it asks for a token") {
  const TokenFile file("0123456789abcdef\n");
  ProfilerOptions options = AnyPort();
  options.host = "0.0.0.0";
  for (const std::string& token_file : {std::string(), file.path()}) {
    options.token_file = token_file;
    const CapturedStderr log;
    REQUIRE(run_profiler(options).ok());
    CHECK(stop_profiler().ok());
    CHECK((log.Text().find("STACKSAMPLER_TOKEN_FILE") == std::string::npos) ==
          !options.token_file.empty());
  }
}

TEST_CASE("run_profiler: the environment changes the defaults, and is named when it is wrong") {
  setenv("STACKSAMPLER_ADDR", "off", 1);
  CHECK(run_profiler().ok());
  CHECK(profiler_port() == 0);
  setenv("STACKSAMPLER_ADDR", "nowhere", 1);
  CHECK(run_profiler().message().find("STACKSAMPLER_ADDR") != std::string::npos);
  setenv("STACKSAMPLER_ADDR", "127.0.0.1:26384..26484", 1);
  setenv("STACKSAMPLER_HZ", "fast", 1);
  CHECK(run_profiler().message().find("STACKSAMPLER_HZ") != std::string::npos);
  setenv("STACKSAMPLER_HZ", "100", 1);
  setenv("STACKSAMPLER_MODE", "disk", 1);
  CHECK(run_profiler().message().find("STACKSAMPLER_MODE=disk") != std::string::npos);
  setenv("STACKSAMPLER_MODE", "wall", 1);
  setenv("STACKSAMPLER_ALLOWED_HOSTS", "web-1,web-2", 1);
  setenv("STACKSAMPLER_TOKEN_FILE", "/nonexistent/token", 1);
  CHECK(run_profiler().message().find("/nonexistent/token") != std::string::npos);
  setenv("STACKSAMPLER_TOKEN_FILE", "", 1);
  REQUIRE(run_profiler().ok());
  CHECK(http::Get("127.0.0.1", profiler_port(), "/")->body.find("granularity 0.01\n") !=
        std::string::npos);
  CHECK(Sampler::Running()->options().mode == SamplerMode::kWall);
  CHECK(StatusUnder("web-2") == 200);
  CHECK(stop_profiler().ok());
  unsetenv("STACKSAMPLER_MODE");
  unsetenv("STACKSAMPLER_ADDR");
  unsetenv("STACKSAMPLER_HZ");
  unsetenv("STACKSAMPLER_ALLOWED_HOSTS");
  unsetenv("STACKSAMPLER_TOKEN_FILE");
}

TEST_CASE("run_profiler: in a process that is recorded it says why its endpoint stays closed") {
  const auto recording = Sampler::Start({});
  REQUIRE(recording.ok());
  std::string said;
  {
    const CapturedStderr log;
    CHECK(run_profiler("127.0.0.1", 0).code() == StatusCode::kAlreadyExists);
    said = log.Text();
  }
  CHECK(said.find("`cpuprofile record`") != std::string::npos);
  CHECK(profiler_port() == 0);
  CHECK((*recording)->Stop().ok());
}

TEST_CASE("C API: a port out of range is an error code, a message and one line in the log") {
  for (const int port : {-1, 99999}) {
    const CapturedStderr log;
    CHECK(stacksampler_run_profiler(nullptr, port) < 0);
    CHECK(log.Text() ==
          std::string("stacksampler: run_profiler: ") + stacksampler_last_error() + "\n");
    CHECK(log.Text().find(std::to_string(port)) != std::string::npos);
  }
}

TEST_CASE("run_profiler: an empty variable counts as none") {
  for (const char* name : {"STACKSAMPLER_HZ", "STACKSAMPLER_MODE", "STACKSAMPLER_LABELS"}) {
    setenv(name, "", 1);
  }
  setenv("STACKSAMPLER_ADDR", "nowhere", 1);
  CHECK(run_profiler().message().find("STACKSAMPLER_ADDR") != std::string::npos);
  setenv("STACKSAMPLER_ADDR", "127.0.0.1:26384..26484", 1);
  REQUIRE(run_profiler().ok());
  CHECK(Sampler::Running()->options().interval == SamplerOptions().interval);
  CHECK(stop_profiler().ok());
  setenv("STACKSAMPLER_ADDR", "", 1);
  const Status defaults = run_profiler();
  CHECK((defaults.ok() || defaults.code() == StatusCode::kAlreadyExists));
  CHECK(stop_profiler().ok());
  for (const char* name :
       {"STACKSAMPLER_HZ", "STACKSAMPLER_MODE", "STACKSAMPLER_LABELS", "STACKSAMPLER_ADDR"}) {
    unsetenv(name);
  }
}

}  // namespace
}  // namespace stacksampler
