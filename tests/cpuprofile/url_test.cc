// SPDX-License-Identifier: MIT
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "cpuprofile/http_url.h"
#include "cpuprofile/record.h"
#include "cpuprofile/run_tool.h"
#include "cpuprofile/window_reader.h"
#include "http/server.h"
#include "http/tls/open.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"
#include "support/test_certificates.h"
#include "support/token_file.h"

namespace stacksampler::cpuprofile {
namespace {

// Answers as the endpoint does: one sample more with each request, and again what was not
// acknowledged.
class Endpoint {
 public:
  explicit Endpoint(const std::string& token = "", const std::string& host = "127.0.0.1",
                    std::shared_ptr<const http::TlsServer> tls = nullptr) {
    http::ServerOptions options;
    options.host = host;
    options.tls = std::move(tls);
    options.token = token;
    auto server = http::Server::Listen(
        options, [this](const http::Request& request) { return Answer(request); });
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }

  [[nodiscard]] http::Url url() const { return {"127.0.0.1", server_->port()}; }
  std::vector<http::Request> requests() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

  std::atomic<int> status{200};
  std::atomic<int> instance{1};

 private:
  http::Response Answer(const http::Request& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back(request);
    if (request.Param("ack") == Name() + ":" + std::to_string(window_)) unacknowledged_ = 0;
    ++window_;
    Profile profile;
    const StackId stack = profile.InternStack(0, profile.InternFrame("f"));
    const LabelSetId labels = profile.InternLabels({{"thread", "main"}});
    profile.AddTimedSample({1000000 * window_, stack, labels, ++unacknowledged_, 0});
    http::Response response;
    response.status = status;
    response.body = EncodePprof(profile);
    response.headers = {{"x-stacksampler-instance", Name()},
                        {"x-stacksampler-window", std::to_string(window_)}};
    return response;
  }

  [[nodiscard]] std::string Name() const { return "run" + std::to_string(instance); }

  std::mutex mutex_;
  std::vector<http::Request> requests_;
  int64_t window_ = 10;
  int64_t unacknowledged_ = 0;
  std::unique_ptr<http::Server> server_;
};

TEST_CASE("HttpUrl: takes hosts, ports and brackets apart") {
  const auto text = [](const std::string& url) {
    const Result<http::Url> parsed = ParseHttpUrl(url);
    return parsed.ok()
               ? (parsed->tls ? "TLS " : "") + parsed->host + ' ' + std::to_string(parsed->port)
               : "bad";
  };
  CHECK(text("http://web-1:80") == "web-1 80");
  CHECK(text("http://web-1/") == "web-1 16384");
  CHECK(text("localhost:1") == "localhost 1");
  CHECK(text("http://[::1]:9") == "::1 9");
  CHECK(text("[::1]") == "::1 16384");
  CHECK(text("https://web-1") == "TLS web-1 16384");
  CHECK(text("https://[::1]:443/") == "TLS ::1 443");
  CHECK(text("unix:/run/app.sock") == "unix:/run/app.sock 0");
  for (const char* url : {"", "http://", "https://", "ftp://x:1", "http://x:0", "http://x:65536",
                          "http://x:a", "http://x/y", "http://x:1?y", "http://u@x", "[::1",
                          "[::1]9", ":9", "unix:", "unix:app.sock"}) {
    INFO(url);
    CHECK(text(url) == "bad");
  }
}

TEST_CASE("WindowReader: each window is acknowledged with the next request, and counted once") {
  Endpoint endpoint;
  WindowReader reader(endpoint.url());
  REQUIRE(reader.Open().ok());
  REQUIRE(reader.Read().ok());
  REQUIRE(reader.Read().ok());
  const auto requests = endpoint.requests();
  REQUIRE(requests.size() == 3);
  CHECK_FALSE(requests[0].HasParam("ack"));
  CHECK(requests[1].Param("ack") == "run1:11");
  CHECK(requests[2].Param("ack") == "run1:12");
  CHECK(requests[0].Param("timeline") == "1");
  CHECK(requests[0].Param("reader") == requests[2].Param("reader"));
  CHECK(reader.profile().TotalWeight() == 2);
  CHECK(requests[0].Param("reader").size() == std::string("cpuprofile-0123456789abcdef").size());
}

TEST_CASE("WindowReader: a refused read loses nothing, the next one brings both windows") {
  Endpoint endpoint;
  WindowReader reader(endpoint.url());
  REQUIRE(reader.Open().ok());
  endpoint.status = 503;
  CHECK(reader.Read().message().find("/window answered 503; is a stacksampler") !=
        std::string::npos);
  endpoint.status = 200;
  REQUIRE(reader.Read().ok());
  CHECK(reader.profile().TotalWeight() == 2);
  CHECK_FALSE(reader.restarted());
}

TEST_CASE("WindowReader: sees that the target was started anew") {
  Endpoint endpoint;
  WindowReader reader(endpoint.url());
  REQUIRE(reader.Open().ok());
  endpoint.instance = 2;
  REQUIRE(reader.Read().ok());
  CHECK(reader.restarted());
}

TEST_CASE("cpuprofile record --url: writes the endpoint's windows") {
  Endpoint endpoint;
  const tests::TemporaryFolder folder;
  const std::string output = folder / "out.folded";
  const tests::Outcome outcome =
      tests::RunTool("record --url http://127.0.0.1:" + std::to_string(endpoint.url().port) +
                     " --seconds 1 --thread main -o " + output);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text == "cpuprofile: " + output + ": 1 samples\n");
  REQUIRE(endpoint.requests().size() == 3);
  CHECK(endpoint.requests()[2].Param("close") == "1");
}

TEST_CASE("cpuprofile record --url: asks a unix socket") {
  const tests::TemporaryFolder folder;
  const std::string place = "unix:" + folder / "app.sock";
  Endpoint endpoint("", place);
  const tests::Outcome outcome =
      tests::RunTool("record --url " + place + " --seconds 1 -o " + (folder / "out.folded"));
  CHECK(outcome.exit_code == 0);
  CHECK(endpoint.requests().size() == 3);
}

TEST_CASE("cpuprofile record --url: asks by TLS those whom --ca-file vouches for") {
  const auto& certificates = tests::TestCertificates::Get();
  const auto tls = http::OpenTlsServer(certificates.good().cert, certificates.good().key);
  REQUIRE(tls.ok());
  Endpoint endpoint("", "127.0.0.1", *tls);
  const tests::TemporaryFolder folder;
  const std::string port = std::to_string(endpoint.url().port);
  const std::string rest = " --seconds 1 -o " + (folder / "out.folded") + " --ca-file ";
  const std::string url = "record --url https://localhost:" + port + rest;
  const tests::Outcome refused = tests::RunTool(url + certificates.other_ca());
  CHECK(refused.exit_code == 1);
  CHECK(refused.text.find("https://localhost:" + port) != std::string::npos);
  CHECK(refused.text.find("its certificate is refused") != std::string::npos);
  CHECK(endpoint.requests().empty());
  CHECK(tests::RunTool(url + certificates.ca()).exit_code == 0);
  CHECK(endpoint.requests().size() == 3);
  const tests::Outcome plain =
      tests::RunTool("record --url http://localhost:" + port + rest + certificates.ca());
  CHECK(plain.exit_code == 2);
  CHECK(plain.text.find("--ca-file goes with https://") != std::string::npos);
}

TEST_CASE("cpuprofile record --url: sends the token that an endpoint asks for") {
  Endpoint endpoint("0123456789abcdef");
  const tests::TemporaryFolder folder;
  const TokenFile file("0123456789abcdef\n");
  const std::string command =
      "record --url http://127.0.0.1:" + std::to_string(endpoint.url().port) + " --seconds 1 -o " +
      (folder / "out.folded");
  const tests::Outcome refused = tests::RunTool(command);
  CHECK(refused.exit_code == 1);
  CHECK(refused.text.find("--token-file") != std::string::npos);
  CHECK(endpoint.requests().empty());
  CHECK(tests::RunTool(command + " --token-file " + file.path()).exit_code == 0);
  CHECK(endpoint.requests().size() == 3);
}

}  // namespace
}  // namespace stacksampler::cpuprofile
