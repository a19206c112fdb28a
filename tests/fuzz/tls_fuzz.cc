// SPDX-License-Identifier: MIT
//
// What a stranger sends to a port of ours that speaks TLS, and what one sends to our client: the
// input whole, and in two pieces.
#include "http/tls/open.h"

#include "fuzz/fuzz.h"
#include "support/test_certificates.h"

using namespace stacksampler;

namespace {

const http::TlsServer& Server() {
  static const auto files = tests::TestCertificates::Get().good();
  static const auto server = http::OpenTlsServer(files.cert, files.key);
  fuzz::Promise(server.ok(), "a server has its certificate");
  return **server;
}

const http::TlsClient& Client() {
  static const auto client = http::OpenTlsClient(tests::TestCertificates::Get().ca());
  fuzz::Promise(client.ok(), "a client has its authorities");
  return **client;
}

void Give(http::TlsSession* session, std::string_view first, std::string_view second) {
  std::string plain;
  Status status = session->Receive(first, &plain);
  static_cast<void>(session->TakeWire());
  if (status.ok() && !second.empty()) status = session->Receive(second, &plain);
  fuzz::Promise(status.ok() || !status.message().empty(), "an error has a reason");
  fuzz::Promise(!session->is_established() && plain.empty(), "nobody is let in without a key");
  static_cast<void>(session->TakeWire());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = fuzz::AsText(data, size);
  for (const size_t cut : {size, size / 2}) {
    auto server = Server().NewSession();
    auto client = Client().NewSession("localhost");
    fuzz::Promise(server.ok() && client.ok(), "a session can begin");
    Give(server->get(), bytes.substr(0, cut), bytes.substr(cut));
    Give(client->get(), bytes.substr(0, cut), bytes.substr(cut));
  }
  return 0;
}
