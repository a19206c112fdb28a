// SPDX-License-Identifier: MIT
#include "store/clickhouse_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "base/unique_fd.h"
#include "http/client.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// For a machine that is busy with other tests; it takes a quarter of a second on an idle one.
constexpr std::chrono::seconds kStartLimit{100};
constexpr std::chrono::milliseconds kLook{20};

uint16_t FreePort() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(bind(fd.get(), any, length) == 0);
  REQUIRE(getsockname(fd.get(), any, &length) == 0);
  return ntohs(address.sin_port);
}

}  // namespace

ClickhouseTestServer::ClickhouseTestServer() : port_(FreePort()), tcp_port_(FreePort()) {
  mkdir(dir_.path("data").c_str(), 0755);
  WriteConfig();
  Start();
}

ClickhouseTestServer::~ClickhouseTestServer() { Kill(); }

void ClickhouseTestServer::WriteConfig() const {
  WriteFile(dir_.path("config.xml"),
            "<yandex><logger><level>warning</level><log>" + dir_.path("log") + "</log><errorlog>" +
                dir_.path("errors") +
                "</errorlog><size>1000000</size><count>1</count></logger><http_port>" +
                std::to_string(port_) + "</http_port><tcp_port>" + std::to_string(tcp_port_) +
                "</tcp_port><listen_host>127.0.0.1</listen_host><path>" + dir_.path("data/") +
                "</path><tmp_path>" + dir_.path("tmp/") +
                "</tmp_path><users_config>users.xml</users_config>"
                "<default_profile>default</default_profile>"
                "<default_database>default</default_database>"
                "<mark_cache_size>16777216</mark_cache_size></yandex>\n");
  const std::string rest =
      "<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>";
  WriteFile(dir_.path("users.xml"),
            "<yandex><profiles><default><max_memory_usage>1000000000</max_memory_usage>"
            "<max_threads>2</max_threads></default></profiles><users><default>"
            "<password></password>" +
                rest + "</default><" + kSecretUser + "><password>pass word%&amp;=</password>" +
                rest + "</" + kSecretUser +
                "></users><quotas><default></default></quotas>"
                "</yandex>\n");
}

void ClickhouseTestServer::Start() {
  const std::string config = "--config-file=" + dir_.path("config.xml");
  const std::string log = dir_.path("output");
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
#ifdef CLICKHOUSE_BRIDGE
    execlp("node", "node", CLICKHOUSE_BRIDGE, std::to_string(port_).c_str(), dir_.path().c_str(),
           nullptr);
#else
    execl(CLICKHOUSE_SERVER, CLICKHOUSE_SERVER, config.c_str(), nullptr);
#endif
    _exit(127);
  }
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!http::Get("127.0.0.1", port_, "/").ok()) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > limit) {
      Kill();
      FAIL("the server did not start: " << ReadFile(log));
    }
    std::this_thread::sleep_for(kLook);
  }
}

void ClickhouseTestServer::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string ClickhouseTestServer::Ask(const std::string& database, const std::string& sql) const {
  const auto answer = http::Post("127.0.0.1", port_, "/?database=" + database, sql);
  INFO(answer.status().message());
  REQUIRE(answer.ok());
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  std::string text = answer->body;
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

ClickhouseTestServer& SharedServer(size_t place) {
  static std::array<std::unique_ptr<ClickhouseTestServer>, 2> servers;
  if (servers[place] == nullptr) servers[place] = std::make_unique<ClickhouseTestServer>();
  return *servers[place];
}

ClickhouseUrl NewDatabase(size_t servers) {
  static int count = 0;
  ClickhouseUrl url;
  url.database = "profiles_" + std::to_string(++count);
  for (size_t i = 0; i < servers; ++i) url.servers.push_back({"127.0.0.1", SharedServer(i).port()});
  return url;
}

}  // namespace stacksampler::store
