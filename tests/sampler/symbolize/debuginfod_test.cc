// SPDX-License-Identifier: MIT
//
// A real server, elfutils' debuginfod, on this machine.
#include "sampler/symbolize/debuginfod.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "sample_library.h"
#include "sampler/symbolize/modules.h"
#include "sampler/symbolize/offline_symbolizer.h"
#include "sampler/symbolize/symbolizer.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

namespace fs = std::filesystem;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

uint16_t FreePort() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

// Status line of one request, "" when nobody answers.
std::string Ask(uint16_t port, const std::string& path) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(port);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return "";
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return "";
  char answer[16] = "";
  return recv(fd.get(), answer, sizeof answer - 1, MSG_WAITALL) > 0 ? answer : "";
}

class Server {
 public:
  explicit Server(const std::string& files) : port_(FreePort()) {
    pid_ = fork();
    if (pid_ == 0) {
      const int null = open("/dev/null", O_RDWR);
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
      execl(DEBUGINFOD, DEBUGINFOD, "-F", "-d", ":memory:", "-p", std::to_string(port_).c_str(),
            files.c_str(), nullptr);
      _exit(127);
    }
  }
  ~Server() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Once it has looked through its files.
  void WaitFor(const std::string& build_id) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::string answer;
    while (std::chrono::steady_clock::now() < end) {
      answer = Ask(port_, "/buildid/" + build_id + "/debuginfo");
      if (answer.find(" 200") != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL("debuginfod does not serve its files; its last answer was '" << answer << "'");
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  uint16_t port_;
  pid_t pid_;
};

TEST_CASE("FetchDebugFile: asks the servers of DEBUGINFOD_URLS, and without it loads nothing") {
  const tests::TemporaryFolder directory;
  const std::string files = directory.path() + "/files";
  fs::create_directories(files);
  fs::copy_file(SAMPLE_LIBRARY_DIR "/stripped.debug", files + "/stripped.debug");
  const std::string build_id = ElfFile::Open(SamplePath("stripped"))->build_id();

  unsetenv("DEBUGINFOD_URLS");
  CHECK(FetchDebugFile(build_id) == nullptr);
  CHECK(dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_NOLOAD) == nullptr);

  const Server server(files);
  server.WaitFor(build_id);
  setenv("DEBUGINFOD_URLS", server.url().c_str(), 1);
  setenv("DEBUGINFOD_CACHE_PATH", (directory.path() + "/cache").c_str(), 1);
  CHECK(FetchDebugFile(std::string(40, '0')) == nullptr);
  const auto file = FetchDebugFile(build_id);
  REQUIRE(file != nullptr);
  CHECK(file->build_id() == build_id);
  CHECK(file->HasDebugInfo());

  const std::vector<std::string> expected = {"sample::(anonymous namespace)::Inlined",
                                             "sample::(anonymous namespace)::Local"};
  const SampleLibrary library(SamplePath("stripped"));
  const uintptr_t address = library.Call("sample_local_address");
  ModuleMap modules;
  modules.Refresh();
  const Module* module = modules.Find(address);
  REQUIRE(module != nullptr);
  Symbolizer symbolizer;
  OfflineSymbolizer offline({directory.path()});
  std::vector<std::string> here;
  for (const auto& frame : symbolizer.Name(*module, address)) here.push_back(frame.name);
  std::vector<std::string> later;
  for (const auto& frame : offline.Name("libstripped.so", build_id, address - module->load_bias)) {
    later.push_back(frame.name);
  }
  CHECK(here == expected);
  CHECK(later == expected);
}

}  // namespace
}  // namespace stacksampler::symbolize
