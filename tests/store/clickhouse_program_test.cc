// SPDX-License-Identifier: MIT
//
// The programs with --store.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/hostile_server.h"
#include "store/clickhouse/clickhouse_store.h"
#include "store/clickhouse_server.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

struct Ran {
  int exit_code = 0;
  std::string output;  // of both streams
};

Ran RunProgram(const std::string& line) {
  const std::string command = std::string(STACKSAMPLER_BIN_DIR) + "/" + line + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ran ran;
  std::array<char, 4096> chunk{};
  while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe)) {
    ran.output.append(chunk.data(), got);
  }
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

// The original stacksampler: one text, and no windows.
http::HostileServer::Talk Original(const http::HostileServer* const* self) {
  return [self](int fd) {
    const bool windows = (*self)->request().rfind("GET /window", 0) == 0;
    const std::string text = "elapsed 60\ngranularity 0.005\nmain;work 7\n";
    http::SendTo(fd, windows ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                             : "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                                   "\r\n\r\n" + text);
  };
}

}  // namespace

TEST_CASE("Programs: what a collector stores on a server is sent before it ends") {
  ClickhouseUrl url = NewDatabase(1);
  const http::HostileServer* self = nullptr;
  const http::HostileServer target(Original(&self));
  self = &target;
  const TempDir dir;
  WriteFile(dir.path("password"), std::string(kSecretPassword) + "\n");
  setenv(kPasswordFileVariable, dir.path("password").c_str(), 1);
  const std::string store = " --store clickhouse://" + std::string(kSecretUser) + "@" + url.Place();
  const std::string collect = "collector --once --host 127.0.0.1 --ports " +
                              std::to_string(target.port()) + " --dbpath " + dir.path("outbox") +
                              store;
  for (int times = 1; times <= 2; ++times) {
    const Ran ran = RunProgram(collect);
    INFO(ran.output);
    CHECK(ran.exit_code == 0);
    CHECK(OpenClickhouseReader(url)->get()->Merge({})->profile.TotalWeight() == 7 * times);
  }
  const Ran extracted = RunProgram("cpuprofile extract" + store);
  CHECK(extracted.exit_code == 0);
  CHECK(extracted.output == "main;work 14\n");
  WriteFile(dir.path("password"), "geheim\n");
  for (const std::string& line :
       {collect, "visualizer --port 0" + store, "cpuprofile extract" + store}) {
    const Ran ran = RunProgram(line);
    CAPTURE(ran.output);
    CHECK(ran.exit_code == 1);
    CHECK(ran.output.find(url.Place()) != std::string::npos);
    CHECK(ran.output.find(kPasswordFileVariable) != std::string::npos);
    CHECK(ran.output.find("geheim") == std::string::npos);
  }
  unsetenv(kPasswordFileVariable);
}

TEST_CASE("Programs: a --store that is none is a wrong usage") {
  const Ran ran = RunProgram("collector --host h --store clickhouse://u:geheim@h/d");
  CAPTURE(ran.output);
  CHECK(ran.exit_code == 2);
  CHECK(ran.output.find("geheim") == std::string::npos);
  CHECK(RunProgram("collector --host h --store h/d").exit_code == 2);
}

}  // namespace stacksampler::store
