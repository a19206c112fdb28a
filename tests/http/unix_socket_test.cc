// SPDX-License-Identifier: MIT
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/address.h"
#include "http/client.h"
#include "http/listener.h"
#include "http/raw_socket.h"
#include "http/server.h"
#include "http/test_server.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::http {
namespace {

namespace fs = std::filesystem;

bool Mentions(const Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

size_t FilesIn(const tests::TemporaryFolder& folder) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

ServerOptions OptionsAt(const std::string& path) {
  ServerOptions options = PatientOptions();
  options.host = "unix:" + path;
  return options;
}

UniqueFd BoundSocket(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress address = RawUnixAddress(path);
  REQUIRE(bind(fd.get(), address.get(), address.length) == 0);
  return fd;
}

// As a process leaves it that was killed.
void LeaveDeadSocket(const std::string& path) { static_cast<void>(BoundSocket(path)); }

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(lstat(path.c_str(), &info) == 0);
  return info.st_mode;
}

}  // namespace

TEST_CASE("Unix socket: answers our client, is its owner's alone, and goes with the server") {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "app.sock";
  const mode_t mask = umask(0);
  {
    TestServer server(OptionsAt(path));
    umask(mask);
    CHECK(ModeOf(path) == (S_IFSOCK | 0600));
    CHECK(FilesIn(folder) == 1);
    CHECK(server.port() == 0);
    const auto answer = Get("unix:" + path, 0, "/show");
    REQUIRE(answer.ok());
    CHECK(answer->body.rfind("/show\nunix\n", 0) == 0);
  }
  CHECK(FilesIn(folder) == 0);
  const auto gone = Get("unix:" + path, 0, "/show");
  CHECK(gone.status().code() == StatusCode::kNotFound);
  CHECK(Mentions(gone.status(), "GET unix:" + path + " /show: connect: "));
}

TEST_CASE("Unix socket: a large answer and a POST pass whole") {
  const tests::TemporaryFolder folder;
  TestServer server(OptionsAt(folder / "s"));
  const auto big = Get("unix:" + folder / "s", 0, "/big?bytes=4000000");
  REQUIRE(big.ok());
  CHECK(big->body.size() == 4'000'000);
  const auto post = Post("unix:" + folder / "s", 0, "/", std::string(1'000'000, 'x'));
  REQUIRE(post.ok());
  CHECK(post->status == 405);
}

TEST_CASE("Unix socket: takes the place of one that nobody answers at") {
  const tests::TemporaryFolder folder;
  LeaveDeadSocket(folder / "s");
  TestServer server(OptionsAt(folder / "s"));
  CHECK(Get("unix:" + folder / "s", 0, "/").ok());
  CHECK(FilesIn(folder) == 1);
}

TEST_CASE("Unix socket: one that answers is not replaced, and its process is named") {
  const tests::TemporaryFolder folder;
  TestServer first(OptionsAt(folder / "s"));
  const auto second = OpenListener("unix:" + folder / "s", 0, 0);
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(Mentions(second.status(), "unix:" + folder / "s"));
  CHECK(Mentions(second.status(), "process " + std::to_string(getpid()) + " ("));
  CHECK(Get("unix:" + folder / "s", 0, "/").ok());
  CHECK(FilesIn(folder) == 1);
}

TEST_CASE("Unix socket: of many that start at once over a dead one, one gets the place") {
  const tests::TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    LeaveDeadSocket(folder / "s");
    constexpr size_t kStarters = 6;
    std::vector<std::optional<Result<Listener>>> started(kStarters);
    std::vector<std::thread> threads;
    for (auto& result : started) {
      threads.emplace_back([&] { result.emplace(OpenListener("unix:" + folder / "s", 0, 0)); });
    }
    for (std::thread& thread : threads) thread.join();
    size_t winners = 0;
    for (const auto& result : started) {
      winners += result->ok();
      if (!result->ok()) CHECK(result->status().code() == StatusCode::kAlreadyExists);
    }
    CHECK(winners == 1);
    CHECK(FilesIn(folder) == 1);
    started.clear();
    CHECK(FilesIn(folder) == 0);
  }
}

TEST_CASE("Unix socket: what is no socket stays, be it a file, a folder or a link to a socket") {
  const tests::TemporaryFolder folder;
  std::ofstream(folder / "file") << "precious";
  fs::create_directory(folder / "folder");
  LeaveDeadSocket(folder / "socket");
  fs::create_symlink(folder / "socket", folder / "link");
  for (const char* name : {"file", "folder", "link"}) {
    CAPTURE(name);
    const auto listener = OpenListener("unix:" + folder / name, 0, 0);
    CHECK(listener.status().code() == StatusCode::kAlreadyExists);
    CHECK(Mentions(listener.status(), "is no socket"));
  }
  CHECK(FilesIn(folder) == 4);
  CHECK(fs::file_size(folder / "file") == 8);
}

TEST_CASE("Unix socket: a server that ends leaves what has taken its file's place") {
  const tests::TemporaryFolder folder;
  {
    TestServer server(OptionsAt(folder / "file"));
    fs::remove(folder / "file");
    std::ofstream(folder / "file") << "precious";
  }
  CHECK(fs::file_size(folder / "file") == 8);
  UniqueFd other;
  {
    TestServer server(OptionsAt(folder / "socket"));
    fs::remove(folder / "socket");
    other = BoundSocket(folder / "socket");
  }
  CHECK(fs::is_socket(folder / "socket"));
}

TEST_CASE("Unix socket: paths that cannot be are refused, saying what can") {
  const tests::TemporaryFolder folder;
  const std::string longest = folder / std::string(100 - folder.path().size() - 1, 'x');
  REQUIRE(longest.size() == 100);
  CHECK(OpenListener("unix:" + longest, 0, 0).ok());
  const std::vector<std::string> wrong = {"",          "app.sock",     "./app.sock",
                                          "@abstract", folder / "a b", longest + 'x'};
  for (const std::string& path : wrong) {
    CAPTURE(path);
    for (const Status& status :
         {OpenListener("unix:" + path, 0, 0).status(), Get("unix:" + path, 0, "/").status()}) {
      CHECK(status.code() == StatusCode::kInvalidArgument);
    }
    CHECK(Mentions(OpenListener("unix:" + path, 0, 0).status(),
                   "write an absolute path of at most 100 bytes"));
  }
  const auto nowhere = OpenListener("unix:" + folder / "none/s", 0, 0);
  CHECK(nowhere.status().code() == StatusCode::kNotFound);
  CHECK(Mentions(nowhere.status(), folder / "none/s"));
  CHECK(FilesIn(folder) == 0);
}

TEST_CASE("Unix socket: a forked child lets go of it and leaves its file, the parent serves on") {
  const tests::TemporaryFolder folder;
  TestServer server(OptionsAt(folder / "s"));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    server.server().Stop();
    _exit(fs::is_socket(folder / "s") ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(Get("unix:" + folder / "s", 0, "/").ok());
  server.server().Stop();
  CHECK(FilesIn(folder) == 0);
}

TEST_CASE("Unix socket: any host name may be asked, but one, and well-formed") {
  const tests::TemporaryFolder folder;
  TestServer server(OptionsAt(folder / "s"));
  const auto status_under = [&](const std::string& headers) {
    RawSocket peer("unix:" + folder / "s");
    peer.Send("GET / HTTP/1.1\r\n" + headers + "\r\n");
    return StatusOf(peer.ReceiveAll());
  };
  CHECK(status_under("Host: localhost\r\n") == 200);
  CHECK(status_under("Host: any.example\r\n") == 200);
  CHECK(status_under("Host: any.example\r\nHost: any.example\r\n") == 400);
  CHECK(status_under("Host: a@b\r\n") == 400);
  CHECK(status_under("") == 400);
}

TEST_CASE("Unix socket: its peers share the bound of one address") {
  const tests::TemporaryFolder folder;
  ServerOptions options = OptionsAt(folder / "s");
  options.max_connections_per_address = 2;
  TestServer server(options);
  RawSocket first("unix:" + folder / "s");
  RawSocket second("unix:" + folder / "s");
  RawSocket third("unix:" + folder / "s");
  server.AwaitCounter(&ServerCounters::evicted, 1);
  CHECK(first.ReceiveAll().empty());
  second.Send(GetRequest("/"));
  CHECK(StatusOf(second.ReceiveAll()) == 200);
}

TEST_CASE("Unix socket: a peer that resets raises no SIGPIPE") {
  const tests::TemporaryFolder folder;
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  struct sigaction before {};
  REQUIRE(sigaction(SIGPIPE, &fatal, &before) == 0);
  {
    TestServer server(OptionsAt(folder / "s"));
    for (int i = 0; i < 20; ++i) {
      RawSocket peer("unix:" + folder / "s");
      peer.Send(GetRequest("/big?bytes=4000000"));
    }
    CHECK(Get("unix:" + folder / "s", 0, "/").ok());
  }
  sigaction(SIGPIPE, &before, nullptr);
}

}  // namespace stacksampler::http
