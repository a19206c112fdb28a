// SPDX-License-Identifier: MIT
//
// The program itself, over a store that the real writer made.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/client.h"
#include "http/raw_socket.h"
#include "http/tls/open.h"
#include "store/profile_store.h"
#include "store/store_dir.h"
#include "support/catch.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/test_certificates.h"
#include "support/token_file.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

/// A running visualizer, or one that has ended.
class Visualizer {
 public:
  Visualizer(const tests::TemporaryFolder& dir, std::vector<std::string> args)
      : errors_(dir / "stderr"), program_(WithPath(std::move(args)), errors_) {}

  std::string ReadLine() { return program_.ReadLine(); }
  std::string ReadAll() { return program_.ReadAll(); }
  [[nodiscard]] size_t ExtraArenas() const { return program_.ExtraArenas(); }
  [[nodiscard]] std::string Errors() const {
    std::ostringstream text;
    text << std::ifstream(errors_).rdbuf();
    return text.str();
  }
  /// Sends the signal (0 for none) and waits; -1 when it did not exit by itself.
  int End(int signal) {
    program_.Signal(signal);
    const int status = program_.Wait().status;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static std::vector<std::string> WithPath(std::vector<std::string> args) {
    args.insert(args.begin(), STACKSAMPLER_BIN_DIR "/visualizer");
    return args;
  }

  std::string errors_;
  Program program_;
};

uint16_t PortIn(const std::string& url) {
  const size_t colon = url.rfind(':');
  REQUIRE(colon != std::string::npos);
  return static_cast<uint16_t>(std::stoi(url.substr(colon + 1)));
}

http::Fetched Get(uint16_t port, const std::string& target) {
  auto fetched = http::Get("127.0.0.1", port, target);
  REQUIRE(fetched.ok());
  return *std::move(fetched);
}

void Append(store::StoreWriter* writer, uint64_t window, const Profile& profile) {
  const int64_t now_ns = SystemNow();
  const Labels target = {{"host", "web-1"}, {"port", "16384"}};
  const auto added =
      writer->Append({target, {"run", window}, now_ns - kSecondNs, now_ns, &profile});
  REQUIRE(added.ok());
  REQUIRE(writer->Commit().ok());
}

TEST_CASE("Visualizer: shows what a running writer committed, sealed or not") {
  const tests::TemporaryFolder dir;
  const std::string db = dir / "db";
  const auto writer = store::OpenWriter(db);
  REQUIRE(writer.ok());
  Visualizer program(dir, {"--port", "0", "--dbpath", db});
  const std::string url = program.ReadLine();
  CHECK(url.find("http://127.0.0.1:") == 0);
  const uint16_t port = PortIn(url);

  CHECK(json::parse(Get(port, "/api/v1/flame").body)["stored"]["empty"] == true);
  Append(writer->get(), 1, ProfileOf({{{"main", "std::sort<int>"}, 3, "worker"}}));
  CHECK(json::parse(Get(port, "/api/v1/flame").body)["total"] == 3 * 5000);
  REQUIRE((*writer)->Seal().ok());
  Append(writer->get(), 2, ProfileOf({{{"main"}, 1, "main"}}));
  CHECK(Get(port, "/data?from=-15minutes&threshold=0.5").body ==
        R"({"name":"root","value":4,"children":[{"name":"main","value":4,)"
        R"("children":[{"name":"std::sort\u003cint\u003e","value":3}]}]})");

  const json by_thread = json::parse(Get(port, "/api/v1/flame?by=thread&root=worker%3Bmain").body);
  CHECK(by_thread["root"] == json({"worker", "main"}));
  CHECK(by_thread["nodes"]["total"] == json({15000, 15000}));
  CHECK(json::parse(Get(port, "/api/v1/search?q=std%3A%3A").body)["matched"] == 15000);
  CHECK(json::parse(Get(port, "/api/v1/labels").body)["labels"]["thread"] ==
        json({"main", "worker"}));
  CHECK(Get(port, "/api/v1/flame?from=-15foo").status == 400);
  CHECK(Get(port, "/nothing").status == 404);

  const http::Fetched page = Get(port, "/");
  CHECK(page.status == 200);
  CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.at("content-security-policy").find("script-src 'self'") != std::string::npos);
  CHECK(page.body.find("assets/app.js") != std::string::npos);
  CHECK(Get(port, "/assets/app.js").body.size() > 10'000);

  CHECK(program.End(SIGTERM) == 0);
  CHECK(program.Errors().empty());
}

TEST_CASE("Visualizer: its threads share two arenas, so that what one frees serves others") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  Visualizer program(dir, {"--port", "0", "--dbpath", dir / "db"});
  const uint16_t port = PortIn(program.ReadLine());
  for (int i = 0; i < 8; ++i) CHECK(Get(port, "/api/v1/flame").status == 200);
  CHECK(program.ExtraArenas() <= 1);
  CHECK(program.End(SIGTERM) == 0);
}

// A file of the store that is a pipe holds up whoever reads it until somebody else opens it.
TEST_CASE("Visualizer: fifty questions from one address wait in line, and none is refused") {
  constexpr size_t kViewers = 50;
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const std::string pipe = dir / ("db/" + store::SegmentName({SystemNow(), 1}));
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  Visualizer program(dir, {"--port", "0", "--dbpath", dir / "db"});
  const uint16_t port = PortIn(program.ReadLine());
  std::vector<std::unique_ptr<http::RawSocket>> viewers;
  for (size_t i = 0; i < kViewers; ++i) {
    viewers.push_back(std::make_unique<http::RawSocket>(port));
    REQUIRE(viewers.back()->Send(http::GetRequest("/api/v1/flame")));
  }
  // Newcomers are taken in their order, and this one needs no worker.
  CHECK(http::StatusOf(http::Ask(port, "nonsense\r\n\r\n")) == 400);
  for (const auto& viewer : viewers) CHECK_FALSE(viewer->IsClosedByPeer());
  UniqueFd writer(open(pipe.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer.valid());
  REQUIRE(unlink(pipe.c_str()) == 0);
  writer.Close();
  for (const auto& viewer : viewers) CHECK(http::StatusOf(viewer->ReceiveAll()) == 200);
  CHECK(program.End(SIGTERM) == 0);
}

TEST_CASE("Visualizer: with a token it shows page and data to nobody else, and warns of nobody") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const TokenFile file("0123456789abcdef\n");
  Visualizer program(dir, {"--port", "0", "--host", "0.0.0.0", "--token-file", file.path(),
                           "--dbpath", dir / "db"});
  const uint16_t port = PortIn(program.ReadLine());
  http::FetchOptions fetch;
  fetch.token = "0123456789abcdef";
  for (const char* target : {"/", "/data", "/assets/app.js", "/api/v1/flame", "/nothing"}) {
    CHECK(Get(port, target).status == 401);
    CHECK(http::Get("127.0.0.1", port, target, fetch)->status != 401);
  }
  CHECK(program.End(SIGTERM) == 0);
  CHECK(program.Errors().empty());
}

TEST_CASE("Visualizer: on a unix socket it says where, warns of nobody, and takes the file away") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const std::string place = "unix:" + dir / "v.sock";
  Visualizer program(dir, {"--host", place, "--dbpath", dir / "db"});
  CHECK(program.ReadLine() == place);
  CHECK(http::Get(place, 0, "/healthz")->body == "ok");
  CHECK(program.End(SIGTERM) == 0);
  CHECK(program.Errors().empty());
  CHECK_FALSE(std::filesystem::exists(dir / "v.sock"));
}

TEST_CASE("Visualizer: with a certificate it speaks TLS alone, to our client and to curl") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const auto& certificates = tests::TestCertificates::Get();
  Visualizer program(dir,
                     {"--port", "0", "--host", "localhost", "--tls-cert", certificates.good().cert,
                      "--tls-key", certificates.good().key, "--dbpath", dir / "db"});
  const std::string url = program.ReadLine();
  CHECK(url.find("https://localhost:") == 0);
  const std::string port = url.substr(url.rfind(':') + 1);
  http::FetchOptions fetch;
  fetch.tls = *http::OpenTlsClient(certificates.ca());
  CHECK(http::Get("localhost", static_cast<uint16_t>(std::stoi(port)), "/healthz", fetch)->body ==
        "ok");
  const std::string curl = "curl -sSf -o /dev/null --cacert " + certificates.ca() + " " + url;
  CHECK(std::system(curl.c_str()) == 0);
  CHECK(program.End(SIGTERM) == 0);
  CHECK(program.Errors().empty());
}

TEST_CASE("Visualizer: a certificate without its key is a usage error, a wrong file a failure") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const auto& certificates = tests::TestCertificates::Get();
  Visualizer half(dir, {"--tls-cert", certificates.good().cert});
  CHECK(half.End(0) == 2);
  CHECK(half.Errors().find("--tls-key") != std::string::npos);
  Visualizer wrong(dir, {"--port", "0", "--tls-cert", certificates.good().cert, "--tls-key",
                         certificates.expired().key, "--dbpath", dir / "db"});
  CHECK(wrong.End(0) == 1);
  CHECK(wrong.Errors().find("is not the key of the certificate") != std::string::npos);
}

TEST_CASE("Visualizer: a unix socket with a port is a contradiction, exit 2") {
  const tests::TemporaryFolder dir;
  Visualizer program(dir, {"--host", "unix:/tmp/v.sock", "--port", "9999"});
  CHECK(program.End(0) == 2);
  CHECK(program.Errors() ==
        "visualizer: --port: unix:/tmp/v.sock has no port; leave one of the two out\n");
}

TEST_CASE("Visualizer: a token file that holds none is an error that names it") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  const TokenFile file("short\n");
  Visualizer program(dir, {"--port", "0", "--token-file", file.path(), "--dbpath", dir / "db"});
  CHECK(program.ReadAll().empty());
  CHECK(program.End(0) == 1);
  CHECK(program.Errors().find(file.path()) != std::string::npos);
}

TEST_CASE("Visualizer: serves a copied store directory, and ends on SIGINT with 0") {
  const tests::TemporaryFolder dir;
  {
    const auto writer = store::OpenWriter(dir / "db");
    REQUIRE(writer.ok());
    Append(writer->get(), 1, ProfileOf({{{"main"}, 7, "t"}}));
    std::filesystem::copy(dir / "db", dir / "copy");
  }
  Visualizer program(dir, {"--port=0", "-d", dir / "copy"});
  const uint16_t port = PortIn(program.ReadLine());
  CHECK(json::parse(Get(port, "/data").body)["value"] == 7);
  CHECK(program.End(SIGINT) == 0);
}

TEST_CASE("Visualizer: another address than loopback is taken with one warning") {
  const tests::TemporaryFolder dir;
  REQUIRE(store::OpenWriter(dir / "db").ok());
  Visualizer program(dir, {"--port", "0", "--host", "0.0.0.0", "--dbpath", dir / "db"});
  CHECK(program.ReadLine().find("http://0.0.0.0:") == 0);
  CHECK(program.End(SIGTERM) == 0);
  const std::string errors = program.Errors();
  CHECK(errors.find("warning: whoever reaches 0.0.0.0") != std::string::npos);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
}

TEST_CASE("Visualizer: what keeps it from serving is one line with the way out, exit 1") {
  const tests::TemporaryFolder dir;
  const std::string missing = dir / "missing";
  const auto failure = [&dir](std::vector<std::string> args) {
    Visualizer program(dir, std::move(args));
    CHECK(program.ReadAll().empty());
    CHECK(program.End(0) == 1);
    std::string errors = program.Errors();
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
    return errors;
  };
  CHECK(
      failure({"--port=0", "-d", missing}).find("collector --host localhost --dbpath " + missing) !=
      std::string::npos);
  REQUIRE(store::OpenWriter(dir / "db").ok());
  Visualizer first(dir, {"--port=0", "-d", dir / "db"});
  const std::string port = std::to_string(PortIn(first.ReadLine()));
  CHECK(failure({"--port", port, "-d", dir / "db"}).find("127.0.0.1:" + port) != std::string::npos);
}

TEST_CASE("Visualizer: words it does not know are one line, exit 2") {
  const tests::TemporaryFolder dir;
  const std::vector<std::string> wrong[] = {
      {"--port", "65536"}, {"--port", "-1"}, {"--port", "http"}, {"--nothing"}, {"extra"}, {"-d"}};
  for (const auto& args : wrong) {
    INFO(args[0]);
    Visualizer program(dir, args);
    CHECK(program.ReadAll().empty());
    CHECK(program.End(0) == 2);
    const std::string errors = program.Errors();
    CHECK(errors.find("visualizer: ") == 0);
    CHECK(errors.find("visualizer --help") != std::string::npos);
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
  }
}

TEST_CASE("Visualizer: help shows an example, version a number, both exit 0") {
  const tests::TemporaryFolder dir;
  Visualizer help(dir, {"--help"});
  CHECK(help.ReadAll().find("visualizer --dbpath /tmp/profiles") != std::string::npos);
  CHECK(help.End(0) == 0);
  Visualizer version(dir, {"--version"});
  CHECK(version.ReadLine().find("visualizer 0.") == 0);
  CHECK(version.End(0) == 0);
}

}  // namespace
}  // namespace stacksampler::visualizer
