// SPDX-License-Identifier: MIT
#include "http/server_loop.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "http/address.h"

namespace stacksampler::http {
namespace {

using Phase = Connection::Phase;

constexpr int kServiceUnavailable = 503;
constexpr int kRequestTimeout = 408;
constexpr int kAcceptsPerTurn = 16;  // then the connections there are get their turn
constexpr std::chrono::milliseconds kAcceptPause{100};  // after accept4() found no descriptor
constexpr std::chrono::seconds kLookAround{1};
constexpr int kFailedTurnPauseMs = 100;  // for memory to come back
constexpr std::chrono::milliseconds kRefusalTime{2000};
constexpr size_t kWakeSlot = 0;
constexpr size_t kListenerSlot = 1;
constexpr size_t kFirstConnectionSlot = 2;

std::vector<std::string> AllowedHosts(const ServerOptions& options) {
  std::vector<std::string> hosts = {ToLower(StripBrackets(options.host))};
  for (const std::string& host : options.allowed_hosts) hosts.push_back(ToLower(host));
  return hosts;
}

// Running out of descriptors or memory leaves the connection in the backlog, and poll() at once
// back again.
bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool IsFor(const std::string& path, std::string_view target) {
  return !path.empty() && target.substr(0, target.find('?')) == path;
}

}  // namespace

ServerLoop::ServerLoop(const ServerOptions& options, Listener listener, UniqueFd wake,
                       WorkerPool* workers)
    : options_(options),
      limits_{options.max_header_line_bytes, options.max_header_lines, options.max_header_bytes},
      rules_{AllowedHosts(options), options.way_to_allow_host, options.token,
             IsUnixSocket(options.host)},
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      listener_identity_(listener_.fd.get()),
      wake_identity_(wake_.get()),
      workers_(workers),
      too_many_(codec_.Encode(
          Refusal(kServiceUnavailable, "Too many requests from this address wait here."))),
      open_sockets_(options.max_connections + 1),  // one that is evicted is swept a little later
      accept_again_(Deadline::After(std::chrono::milliseconds(0))) {}

void ServerLoop::Run() {
  while (!is_stopping_ && OwnsDescriptors()) {
    try {
      Turn();
    } catch (const std::exception&) {
      poll(nullptr, 0, kFailedTurnPauseMs);
    }
  }
  // Where the host has closed all descriptors, the numbers may stand for its own files by now.
  if (OwnsDescriptors()) {
    // A child forked in this moment may hold a copy: the port is free all the same.
    shutdown(listener_.fd.get(), SHUT_RDWR);
  } else {
    for (auto& [id, slot] : slots_) slot.connection.Abandon();
  }
  slots_.clear();
}

bool ServerLoop::OwnsDescriptors() const {
  return wake_identity_.Is(wake_.get()) && listener_identity_.Is(listener_.fd.get());
}

void ServerLoop::Turn() {
  Wait();
  TakeAnswers();
  ServeReady();
  EndOverdue();
  CutOldestWriters();
  Sweep();  // what has ended counts neither against an address nor as a slot
  Accept();
}

template <typename Step>
void ServerLoop::OrClose(Slot* slot, Step step) {
  try {
    step();
  } catch (const std::exception&) {
    slot->connection.Close();
  }
}

void ServerLoop::Wake() {
  if (wake_identity_.Is(wake_.get())) SendWake(wake_.get());
}

void ServerLoop::RequestStop() {
  is_stopping_ = true;
  Wake();
}

void ServerLoop::CloseCopies() {
  open_sockets_.CloseCopies();
  CloseListener();
}

void ServerLoop::CloseListener() {
  if (!listener_identity_.Is(listener_.fd.get())) {
    listener_.fd.Release();
    listener_.file.Forget();
  }
  listener_.file.Remove();
  if (!wake_identity_.Is(wake_.get())) wake_.Release();
  listener_.fd.Close();
  wake_.Close();
}

ServerCounters ServerLoop::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

void ServerLoop::Count(uint64_t ServerCounters::*counter) {
  const std::lock_guard lock(counters_mutex_);
  ++(counters_.*counter);
}

// ---- Waiting.

void ServerLoop::Wait() {
  const bool is_accepting = accept_again_.passed() && HasRoom();
  polled_.assign({{wake_.get(), POLLIN, 0}, {is_accepting ? listener_.fd.get() : -1, POLLIN, 0}});
  polled_ids_.clear();
  for (const auto& [id, slot] : slots_) {
    polled_.push_back({slot.connection.poll_fd(), slot.connection.poll_events(), 0});
    polled_ids_.push_back(id);
  }
  if (poll(polled_.data(), polled_.size(), WaitTimeout()) >= 0) return;
  for (pollfd& entry : polled_) entry.revents = 0;
}

int ServerLoop::WaitTimeout() const {
  Deadline next = accept_again_.passed() ? Deadline::Never() : accept_again_;
  for (const auto& [id, slot] : slots_) {
    next = Deadline::Earlier(next, slot.connection.deadline());
  }
  // A wake that the host has closed wakes nobody: look for a stop now and then.
  return Deadline::Earlier(next, Deadline::After(kLookAround)).PollTimeout();
}

// ---- Serving.

void ServerLoop::TakeAnswers() {
  if (polled_[kWakeSlot].revents == 0) return;
  TakeWakes(wake_.get());
  for (Job& job : workers_->TakeAnswers()) {
    // A slot that waits for a worker is never evicted, so it is still there.
    Slot* const slot = &slots_.at(job.connection);
    // The others' answers are in this list alone.
    OrClose(slot, [&] {
      slot->connection.StartWriting(std::move(job.answer), options_.response_deadline);
    });
  }
}

void ServerLoop::ServeReady() {
  for (size_t i = 0; i < polled_ids_.size(); ++i) {
    if (polled_[kFirstConnectionSlot + i].revents == 0) continue;
    Slot* const slot = &slots_.at(polled_ids_[i]);
    OrClose(slot, [&] { Serve(polled_ids_[i], slot); });
  }
}

void ServerLoop::Serve(uint64_t id, Slot* slot) {
  switch (slot->connection.phase()) {
    case Phase::kReading:
      return Read(id, slot);
    case Phase::kWriting:
      return slot->connection.Write();
    case Phase::kLingering:
      return slot->connection.Drain();
    case Phase::kWaiting:
      return workers_->Cancel(id) ? slot->connection.Close() : slot->connection.StopPolling();
    case Phase::kGone:
      return;
  }
}

void ServerLoop::Read(uint64_t id, Slot* slot) {
  const HeadState state = slot->connection.ReadHead();
  if (state == HeadState::kIncomplete) return;
  if (state == HeadState::kComplete) return Pass(id, slot);
  Refuse(slot, RefusalOfHead(state));
}

void ServerLoop::Pass(uint64_t id, Slot* slot) {
  std::optional<RequestHead> head = ParseRequestHead(slot->connection.TakeHead());
  if (!head) return Refuse(slot, RefusalOfHead(HeadState::kMalformed));
  if (auto refusal = RefusalOfRequest(*head, rules_)) {
    return Refuse(slot, *std::move(refusal));
  }
  const bool is_urgent = IsFor(options_.urgent_path, head->target);
  workers_->Submit({id, *std::move(head), slot->connection.address(), is_urgent, {}});
  Count(&ServerCounters::passed);
}

void ServerLoop::Refuse(Slot* slot, Response refusal) {
  slot->if_answered = &ServerCounters::refused;
  slot->connection.StartWriting(codec_.Encode(std::move(refusal)), kRefusalTime);
}

// ---- Ending.

void ServerLoop::EndOverdue() {
  for (auto& [id, slot] : slots_) {
    const bool is_open = slot.connection.phase() != Phase::kGone;
    if (!is_open || !slot.connection.deadline().passed()) continue;
    OrClose(&slot, [this, id = id, overdue = &slot] { EndOverdue(id, overdue); });
  }
}

void ServerLoop::EndOverdue(uint64_t id, Slot* slot) {
  // After a stall of our own the bytes may be here, unread: that is not the peer's fault.
  Serve(id, slot);
  if (!slot->connection.deadline().passed()) return;
  slot->if_not = &ServerCounters::timed_out;
  const bool is_asking =
      slot->connection.phase() == Phase::kReading && slot->connection.has_input();
  if (!is_asking) return slot->connection.Close();
  slot->if_answered = &ServerCounters::timed_out;
  slot->connection.StartWriting(
      codec_.Encode(Refusal(kRequestTimeout, "The request did not arrive in time.")), kRefusalTime);
}

bool ServerLoop::EvictOldest(const std::string* address) {
  // One that still writes is worth more than one that has yet to ask.
  for (const bool is_writing : {false, true}) {
    for (auto& [id, slot] : slots_) {
      const Phase phase = slot.connection.phase();
      if (phase == Phase::kWaiting || phase == Phase::kGone) continue;
      if ((phase == Phase::kWriting) != is_writing) continue;
      if (address != nullptr && slot.connection.address() != *address) continue;
      slot.if_not = &ServerCounters::evicted;
      slot.connection.Close();
      return true;
    }
  }
  return false;
}

void ServerLoop::CutOldestWriters() {
  size_t unsent_bytes = 0;
  for (auto entry = slots_.rbegin(); entry != slots_.rend(); ++entry) {
    Slot& slot = entry->second;
    const size_t bytes = slot.connection.unsent_bytes();
    if (bytes > 0 && unsent_bytes > options_.max_unsent_bytes) {
      slot.if_not = &ServerCounters::evicted;
      slot.connection.Close();
    } else {
      unsent_bytes += bytes;
    }
  }
}

void ServerLoop::Sweep() {
  std::erase_if(slots_, [this](const auto& entry) {
    const Slot& slot = entry.second;
    if (slot.connection.phase() != Phase::kGone) return false;
    Count(slot.connection.is_answered() ? slot.if_answered : slot.if_not);
    open_sockets_.Remove(entry.first);
    return true;
  });
}

// ---- Accepting.

// With every slot waiting for the handler, newcomers wait in the backlog.
bool ServerLoop::HasRoom() const {
  return slots_.size() < options_.max_connections ||
         std::any_of(slots_.begin(), slots_.end(), [](const auto& entry) {
           return entry.second.connection.phase() != Phase::kWaiting;
         });
}

void ServerLoop::Accept() {
  if (polled_[kListenerSlot].revents == 0) return;
  for (int i = 0; i < kAcceptsPerTurn && HasRoom(); ++i) {
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    UniqueFd fd(
        accept4(listener_.fd.get(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      Admit(std::move(fd), NumericHost(peer));
    } else if (IsShortage(errno)) {
      accept_again_ = Deadline::After(kAcceptPause);
      return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
    Sweep();
  }
}

void ServerLoop::Admit(UniqueFd fd, std::string address) {
  Count(&ServerCounters::accepted);
  if (!MakeRoomFor(address)) {
    Count(&ServerCounters::turned_away);
    if (!options_.tls) send(fd.get(), too_many_.data(), too_many_.size(), MSG_NOSIGNAL);
    return;
  }
  auto tls = NewSession();
  if (!tls.ok()) return Count(&ServerCounters::left);
  const uint64_t id = next_id_++;
  open_sockets_.Add(id, fd.get());
  Slot slot{Connection(std::move(fd), std::move(address), limits_,
                       Deadline::After(options_.header_deadline), *std::move(tls))};
  Slot* const placed = &slots_.emplace(id, std::move(slot)).first->second;
  // Its request is often here already: read before a later newcomer can evict it.
  OrClose(placed, [&] { Read(id, placed); });
}

Result<std::unique_ptr<TlsSession>> ServerLoop::NewSession() const {
  if (!options_.tls) return std::unique_ptr<TlsSession>();
  return options_.tls->NewSession();
}

bool ServerLoop::MakeRoomFor(const std::string& address) {
  const auto of_address = std::count_if(slots_.begin(), slots_.end(), [&](const auto& entry) {
    return entry.second.connection.address() == address;
  });
  if (static_cast<size_t>(of_address) >= options_.max_connections_per_address) {
    return EvictOldest(&address);
  }
  return slots_.size() < options_.max_connections || EvictOldest(nullptr);
}

}  // namespace stacksampler::http
