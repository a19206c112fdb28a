// SPDX-License-Identifier: MIT
// Servers and our client with TLS between them; curl and openssl as the peers of others.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/hostile_server.h"
#include "http/process_state.h"
#include "http/raw_socket.h"
#include "http/server.h"
#include "http/test_server.h"
#include "http/tls/open.h"
#include "support/catch.h"
#include "support/test_certificates.h"

namespace stacksampler::http {
namespace {

using tests::TestCertificates;

bool Mentions(const Status& status, const std::string& text) {
  INFO(status.message());
  return status.message().find(text) != std::string::npos;
}

ServerOptions TlsOptions(const TestCertificates::Files& files = TestCertificates::Get().good()) {
  ServerOptions options = PatientOptions();
  auto tls = OpenTlsServer(files.cert, files.key);
  REQUIRE(tls.ok());
  options.tls = *std::move(tls);
  return options;
}

FetchOptions Trusting(const std::string& ca_file = TestCertificates::Get().ca()) {
  FetchOptions options;
  options.total_timeout = std::chrono::seconds(60);
  auto tls = OpenTlsClient(ca_file);
  REQUIRE(tls.ok());
  options.tls = *std::move(tls);
  return options;
}

// What a command prints, and its exit status behind it.
std::string OutputOf(const std::string& command) {
  FILE* const pipe = popen(("{ " + command + "; echo \"exit $?\"; } 2>&1").c_str(), "r");
  std::string text;
  char bytes[4096];
  for (size_t count = 0; (count = fread(bytes, 1, sizeof bytes, pipe)) > 0;) {
    text.append(bytes, count);
  }
  pclose(pipe);
  return text;
}

std::string Curl(uint16_t port, const std::string& more) {
  return OutputOf("curl -sS --max-time 60 " + more + " https://localhost:" + std::to_string(port) +
                  "/");
}

std::string OpensslClient(uint16_t port, const std::string& more) {
  return OutputOf("openssl s_client -connect 127.0.0.1:" + std::to_string(port) + " -CAfile " +
                  TestCertificates::Get().ca() + " " + more);
}

// Agrees with a client, and reads its request.
void ReadRequest(int fd, TlsSession* session) {
  std::string request;
  char bytes[4096];
  ssize_t count = 0;
  while (request.find("\r\n\r\n") == std::string::npos &&
         (count = recv(fd, bytes, sizeof bytes, 0)) > 0) {
    if (!session->Receive({bytes, static_cast<size_t>(count)}, &request).ok()) return;
    SendTo(fd, session->TakeWire());
  }
}

}  // namespace

TEST_CASE("TLS: our client is answered, by name and by address, with all of a large answer") {
  TestServer server(TlsOptions());
  const FetchOptions options = Trusting();
  for (const char* host : {"localhost", "127.0.0.1"}) {
    CAPTURE(host);
    const auto answer = Get(host, server.port(), "/big?bytes=4000000", options);
    REQUIRE(answer.ok());
    CHECK(answer->body == std::string(4'000'000, 'b'));
  }
  const auto post = Post("localhost", server.port(), "/", std::string(1'000'000, 'x'), options);
  REQUIRE(post.ok());
  CHECK(post->status == 405);
  CHECK(server.requests() == 2);
}

TEST_CASE("TLS: curl is answered when it knows the authority, and not when it does not") {
  TestServer server(TlsOptions());
  CHECK(Curl(server.port(), "--cacert " + TestCertificates::Get().ca()) == "fine\nexit 0\n");
  CHECK(Curl(server.port(), "--cacert " + TestCertificates::Get().other_ca()).find("exit 60") !=
        std::string::npos);
  CHECK(server.requests() == 1);
}

TEST_CASE("TLS: a certificate of a stranger, for another name or expired ends the request unsent") {
  TestServer server(TlsOptions());
  const auto stranger =
      Get("localhost", server.port(), "/", Trusting(TestCertificates::Get().other_ca()));
  CHECK(stranger.status().code() == StatusCode::kPermissionDenied);
  CHECK(Mentions(stranger.status(), "GET https://localhost:"));
  CHECK(Mentions(stranger.status(), "name its authority's file with --ca-file"));
  CHECK(Mentions(Get("localhost", server.port(), "/", Trusting("")).status(), "--ca-file"));

  TestServer elsewhere(TlsOptions(TestCertificates::Get().elsewhere()));
  const auto name = Get("localhost", elsewhere.port(), "/", Trusting());
  CHECK(name.status().code() == StatusCode::kPermissionDenied);
  CHECK(Mentions(name.status(), "hostname mismatch"));
  const auto address = Get("127.0.0.1", elsewhere.port(), "/", Trusting());
  CHECK(Mentions(address.status(), "IP address mismatch"));

  TestServer expired(TlsOptions(TestCertificates::Get().expired()));
  const auto late = Get("localhost", expired.port(), "/", Trusting());
  CHECK(late.status().code() == StatusCode::kPermissionDenied);
  CHECK(Mentions(late.status(), "certificate has expired"));
  CHECK(server.requests() + elsewhere.requests() + expired.requests() == 0);
}

TEST_CASE("TLS: who asks without it, or with it where there is none, is told so") {
  TestServer tls(TlsOptions());
  CHECK(Mentions(Get("127.0.0.1", tls.port(), "/").status(),
                 "TLS is spoken at this port; write https://"));
  const std::string answer = Ask(tls.port(), GetRequest("/"));
  CHECK(StatusOf(answer) == 400);
  CHECK(BodyOf(answer) == "This port speaks TLS: write https://.\n");
  CHECK(tls.requests() == 0);

  TestServer plain;
  CHECK(Mentions(Get("127.0.0.1", plain.port(), "/", Trusting()).status(),
                 "no TLS is spoken at this port; write http://"));
  HostileServer silent(HostileServer::Begin::kAtOnce, [](int fd) {
    char hello[4096];
    recv(fd, hello, sizeof hello, 0);
  });
  CHECK(Mentions(Get("127.0.0.1", silent.port(), "/", Trusting()).status(), "TLS: closed before"));
}

TEST_CASE("TLS: nothing older than 1.2, no HTTP/2, no compression, no renegotiation, no tickets") {
  TestServer server(TlsOptions());
  const std::string old =
      OpensslClient(server.port(), "-tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null");
  CHECK(old.find("Cipher is (NONE)") != std::string::npos);
  const std::string other = OpensslClient(server.port(), "-alpn h2 </dev/null");
  CHECK(other.find("Cipher is (NONE)") != std::string::npos);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    const std::string session =
        OpensslClient(server.port(), version + " -alpn h2,http/1.1 </dev/null");
    CHECK(session.find("ALPN protocol: http/1.1") != std::string::npos);
    CHECK(session.find("Cipher is (NONE)") == std::string::npos);
    CHECK(session.find("Verify return code: 0 (ok)") != std::string::npos);
    CHECK(session.find("Compression: ") == session.find("Compression: NONE"));
    CHECK(session.find("TLS session ticket:") == std::string::npos);
  }
  const std::string again = OutputOf("echo R | openssl s_client -tls1_2 -connect 127.0.0.1:" +
                                     std::to_string(server.port()));
  CHECK(again.find("no renegotiation") != std::string::npos);
}

TEST_CASE("TLS: hundreds that begin a handshake and stop do not hold up one that asks") {
  TestServer server(TlsOptions());
  const FetchOptions options = Trusting();
  const size_t descriptors_before = OpenDescriptors();
  std::vector<RawSocket> peers;
  for (int i = 0; i < 300; ++i) {
    peers.emplace_back(server.port());
    if (i % 2 == 0) peers.back().Send(std::string("\x16\x03\x01\x02\x00\x01", 6));
    if (i % 30 == 0) CHECK(Get("localhost", server.port(), "/", options).ok());
  }
  CHECK(server.requests() == 10);
  CHECK(OpenDescriptors() <= descriptors_before + 300 + ServerOptions().max_connections + 1);
}

TEST_CASE("TLS: the handshake has to end, and the header to come, by the header's deadline") {
  ServerOptions server_options = TlsOptions();
  server_options.header_deadline = std::chrono::milliseconds(50);
  TestServer server(server_options);
  RawSocket silent(server.port());
  RawSocket half(server.port());
  half.Send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  CHECK(silent.ReceiveAll().empty());
  CHECK(half.ReceiveAll().empty());
  server.AwaitCounter(&ServerCounters::timed_out, 2);
  CHECK(server.requests() == 0);
}

TEST_CASE("TLS: bytes that are no handshake end that connection alone") {
  TestServer server(TlsOptions());
  const size_t resident_before = SettledResidentBytes();
  std::string record("\x16\x03\x01\x40\x00", 5);
  record.resize(record.size() + 0x4000, 'x');
  for (int i = 0; i < 50; ++i) {
    RawSocket peer(server.port());
    while (peer.Send(record) && !peer.IsClosedByPeer()) {
    }
  }
  CHECK(Get("localhost", server.port(), "/", Trusting()).ok());
  CHECK(server.server().counters().left == 50);
  CHECK(SettledResidentBytes() <= resident_before + (size_t{8} << 20));
}

TEST_CASE("TLS: a token is asked for behind it") {
  ServerOptions server_options = TlsOptions();
  server_options.token = "0123456789abcdef";
  TestServer server(server_options);
  FetchOptions options = Trusting();
  CHECK(Get("localhost", server.port(), "/", options)->status == 401);
  options.token = server_options.token;
  CHECK(Get("localhost", server.port(), "/", options)->status == 200);
  CHECK(server.requests() == 1);
}

TEST_CASE("TLS: a forked child lets go of the port, the parent serves on") {
  TestServer server(TlsOptions());
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    server.server().Stop();
    _exit(0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(Get("localhost", server.port(), "/", Trusting()).ok());
}

TEST_CASE("TLS: a peer that resets raises no SIGPIPE, and nothing is left of it") {
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  struct sigaction before {};
  REQUIRE(sigaction(SIGPIPE, &fatal, &before) == 0);
  const size_t threads = RunningThreads();
  {
    TestServer server(TlsOptions());
    const FetchOptions options = Trusting();
    const size_t descriptors = OpenDescriptors();
    for (int i = 0; i < 20; ++i) {
      auto session = options.tls->NewSession("localhost");
      REQUIRE(session.ok());
      RawSocket peer(server.port());
      peer.Send((*session)->TakeWire());
      peer.Reset();
    }
    CHECK(Get("localhost", server.port(), "/", options).ok());
    Await([&] { return OpenDescriptors() <= descriptors; });
  }
  CHECK(RunningThreads() == threads);
  sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("TLS: an answer that ends without TLS's own end was cut off") {
  const TestCertificates::Files files = TestCertificates::Get().good();
  const auto tls = OpenTlsServer(files.cert, files.key);
  REQUIRE(tls.ok());
  for (const bool is_whole : {true, false}) {
    CAPTURE(is_whole);
    HostileServer server(HostileServer::Begin::kAtOnce, [&](int fd) {
      auto session = (*tls)->NewSession();
      ReadRequest(fd, session->get());
      // Without a length the end of the connection is the end of the answer.
      static_cast<void>((*session)->Send("HTTP/1.1 200 OK\r\n\r\nhalf of it"));
      if (is_whole) (*session)->Close();
      SendTo(fd, (*session)->TakeWire());
    });
    const auto answer = Get("localhost", server.port(), "/", Trusting());
    CHECK(answer.ok() == is_whole);
    if (!is_whole) CHECK(answer.status().code() == StatusCode::kDataLoss);
  }
}

TEST_CASE("TLS: files that hold no certificate or key, or none that fit, are named") {
  const TestCertificates& certificates = TestCertificates::Get();
  const auto [cert, key] = certificates.good();
  const auto failure = [](const std::string& cert_file, const std::string& key_file) {
    const auto opened = OpenTlsServer(cert_file, key_file);
    REQUIRE_FALSE(opened.ok());
    return opened.status();
  };
  CHECK(failure("/nonexistent/cert.pem", key).code() == StatusCode::kNotFound);
  CHECK(Mentions(failure("/nonexistent/cert.pem", key), "certificate file /nonexistent/cert.pem"));
  CHECK(Mentions(failure(cert, "/nonexistent/key.pem"), "key file /nonexistent/key.pem"));
  CHECK(Mentions(failure("/tmp", key), "is no regular file"));
  CHECK(Mentions(failure(key, key), "holds no certificate in PEM"));
  CHECK(Mentions(failure(cert, cert), "holds no private key in PEM"));
  CHECK(Mentions(failure(cert, certificates.elsewhere().key), "is not the key of the certificate"));
  const std::string other_kind = certificates.file("rsa.key");
  REQUIRE(OutputOf("openssl genrsa -out " + other_kind + " 2048").find("exit 0") !=
          std::string::npos);
  CHECK(Mentions(failure(cert, other_kind), "is not the key of the certificate"));
  const std::string locked = certificates.file("locked.key");
  REQUIRE(OutputOf("openssl ec -in " + key + " -aes128 -passout pass:secret -out " + locked)
              .find("exit 0") != std::string::npos);
  CHECK(Mentions(failure(cert, locked), "holds no private key in PEM without a password"));
  CHECK(OpenTlsClient("/nonexistent/ca.pem").status().code() == StatusCode::kNotFound);
  CHECK(Mentions(OpenTlsClient(key).status(), "CA file " + key));
}

TEST_CASE("TLS: a certificate that clients will refuse is taken, with a warning") {
  const TestCertificates& certificates = TestCertificates::Get();
  const auto warning = [](const TestCertificates::Files& files) {
    return (*OpenTlsServer(files.cert, files.key))->warning();
  };
  CHECK(warning(certificates.good()).empty());
  CHECK(warning(certificates.expired()) == "the certificate in " + certificates.expired().cert +
                                               " has expired: clients will refuse it");
}

}  // namespace stacksampler::http
