// SPDX-License-Identifier: MIT
//
// What --redact leaves of a target's answer in the files of the store.
#include "collector/collector.h"
#include "http/server.h"
#include "redact_support.h"
#include "stacksampler/pprof.h"
#include "store/store_support.h"
#include "stored_bytes.h"
#include "support/catch.h"

namespace stacksampler::collector {
namespace {

// A store filled from one answer of a target, sealed.
std::string StoredOf(const std::string& body, bool is_window, CollectorOptions options) {
  options.fetch.total_timeout = std::chrono::minutes(2);
  auto server = http::Server::Listen({}, [&](const http::Request&) {
    http::Response response;
    response.body = body;
    if (is_window) {
      response.headers = {{"X-Stacksampler-Instance", "ab12"}, {"X-Stacksampler-Window", "1"}};
    }
    return response;
  });
  REQUIRE(server.ok());
  const store::TempDir dir;
  const auto writer = store::MustWrite(dir.path("db"), {});
  Collector collector({{"127.0.0.1", (*server)->port()}}, writer.get(), options);
  REQUIRE(collector.RunOnce());
  const std::string journal = StoredBytes(dir.path("db"));
  REQUIRE(writer->Seal().ok());
  return journal + StoredBytes(dir.path("db"));
}

TEST_CASE("Redactor: what the rules take out is nowhere in the store's files") {
  CollectorOptions options;
  const std::string body = EncodePprof(AcmeProfile("acme::Trade", "_ZN4acme5TradeEv", 3));
  REQUIRE(StoredOf(body, true, options).find("acme") != std::string::npos);
  options.redactor = std::make_shared<Redactor>(MustRead({"~acme=employer"}));
  const std::string bytes = StoredOf(body, true, options);
  CHECK(bytes.find("acme") == std::string::npos);
  CHECK(bytes.find("employer::Trade") != std::string::npos);
  CHECK(bytes.find("/opt/employer/src/trade.cc") != std::string::npos);
}

TEST_CASE("Redactor: homes in the text of an original target are nowhere in the store's files") {
  const std::string text =
      "elapsed 1.0\ngranularity 0.005\nmain(/home/ann/app/run.py);work(/root/lib.py) 3\n";
  const std::string bytes = StoredOf(text, false, {});
  CHECK(bytes.find("main(app/run.py)") != std::string::npos);
  CHECK(bytes.find("/home/ann") == std::string::npos);
  CHECK(bytes.find("/root/") == std::string::npos);
}

}  // namespace
}  // namespace stacksampler::collector
