// SPDX-License-Identifier: MIT
// What falls into one turn of the server's loop, which is held in between to make it so.
#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "http/raw_socket.h"
#include "http/test_server.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

struct Hold {
  std::atomic<bool> is_reached{false};
  std::atomic<bool> is_over{false};
};

// Plain text behind TLS's first byte. "hold" stops the loop until the hold is over; whoever said
// "forget" finds memory at its end when it is answered.
class HoldingSession : public TlsSession {
 public:
  explicit HoldingSession(Hold* hold) : hold_(hold) {}

  Status Receive(std::string_view wire, std::string* plain) override {
    if (wire[0] == kTlsHandshakeByte) wire.remove_prefix(1);
    if (wire == "hold") {
      hold_->is_reached = true;
      hold_->is_over.wait(false);
    }
    has_memory_ = has_memory_ && wire.find("forget") == std::string_view::npos;
    plain->append(wire);
    return Status::Ok();
  }
  Status Send(std::string_view plain) override {
    if (!has_memory_) throw std::bad_alloc();
    wire_ += plain;
    return Status::Ok();
  }
  void Close() override {}
  std::string TakeWire() override { return std::exchange(wire_, {}); }
  [[nodiscard]] bool is_established() const override { return true; }
  [[nodiscard]] bool is_ended() const override { return false; }

 private:
  Hold* const hold_;
  bool has_memory_ = true;
  std::string wire_;
};

class HoldingTls : public TlsServer {
 public:
  explicit HoldingTls(Hold* hold) : hold_(hold) {}
  [[nodiscard]] Result<std::unique_ptr<TlsSession>> NewSession() const override {
    return std::unique_ptr<TlsSession>(std::make_unique<HoldingSession>(hold_));
  }
  [[nodiscard]] const std::string& warning() const override { return warning_; }

 private:
  Hold* const hold_;
  const std::string warning_;
};

ServerOptions HeldBy(Hold* hold) {
  ServerOptions options = PatientOptions();
  options.tls = std::make_shared<HoldingTls>(hold);
  return options;
}

std::string Behind(const std::string& request) {
  return std::string(1, kTlsHandshakeByte) + request;
}

// A connection that the loop has admitted, from an address of its own, with which to hold it.
RawSocket Holder(uint16_t port) {
  RawSocket holder(port, 0, 2);
  RawSocket later(port, 0, 3);
  REQUIRE(later.Send(Behind("no request\r\n\r\n")));
  REQUIRE(StatusOf(later.ReceiveAll()) == 400);  // by the loop, which admits in order
  return holder;
}

void Stop(RawSocket* holder, const Hold& hold) {
  REQUIRE(holder->Send(Behind("hold")));
  Await([&] { return hold.is_reached.load(); });
}

void GoOn(Hold* hold) {
  hold->is_over = true;
  hold->is_over.notify_all();
}

}  // namespace

TEST_CASE("Server turn: a slot whose peer has just gone does not count against a newcomer") {
  Hold hold;
  ServerOptions options = HeldBy(&hold);
  options.max_connections_per_address = 2;
  TestServer server(options);
  RawSocket asking(server.port());
  REQUIRE(asking.Send(Behind(GetRequest("/wait"))));
  Await([&] { return server.waiting() == 1; });
  RawSocket leaving(server.port());
  REQUIRE(leaving.Send(Behind(GetRequest("/"))));
  server.AwaitCounter(&ServerCounters::passed, 2);
  RawSocket holder = Holder(server.port());
  Stop(&holder, hold);
  leaving.Reset();
  RawSocket newcomer(server.port());
  REQUIRE(newcomer.Send(Behind(GetRequest("/"))));
  GoOn(&hold);
  server.AwaitCounter(&ServerCounters::left, 1);
  server.Release();
  CHECK(StatusOf(newcomer.ReceiveAll()) == 200);
  CHECK(StatusOf(asking.ReceiveAll()) == 200);
  CHECK(server.server().counters().turned_away == 0);
}

TEST_CASE("Server turn: where memory ends for one answer, those that came with it are sent") {
  Hold hold;
  TestServer server(HeldBy(&hold));
  RawSocket unlucky(server.port());
  REQUIRE(unlucky.Send(Behind(GetRequest("/wait", "Memory: forget\r\n"))));
  Await([&] { return server.waiting() == 1; });
  RawSocket second(server.port());
  REQUIRE(second.Send(Behind(GetRequest("/"))));
  server.AwaitCounter(&ServerCounters::passed, 2);
  RawSocket third(server.port());
  REQUIRE(third.Send(Behind(GetRequest("/"))));
  server.AwaitCounter(&ServerCounters::passed, 3);
  RawSocket holder = Holder(server.port());
  Stop(&holder, hold);
  server.Release();
  Await([&] { return server.requests() == 3; });  // the answers to the first two lie together
  GoOn(&hold);
  CHECK(unlucky.ReceiveAll().empty());
  CHECK(StatusOf(second.ReceiveAll()) == 200);
  CHECK(StatusOf(third.ReceiveAll()) == 200);
  server.AwaitCounter(&ServerCounters::answered, 2);
  CHECK(server.server().counters().left == 1);
}

}  // namespace stacksampler::http
