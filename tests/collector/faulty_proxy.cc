// SPDX-License-Identifier: MIT
#include "collector/faulty_proxy.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "http/raw_socket.h"

namespace stacksampler::collector {
namespace {

using http::SendTo;

constexpr size_t kRememberedAnswers = 4;
constexpr size_t kPlainOneIn = 6;
constexpr char kLineEnd[] = "\r\n";
constexpr char kHeadEnd[] = "\r\n\r\n";

// The next close is a reset.
void ResetAtClose(int fd) {
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// Clients of ours hang up when their time is over, or when they are killed.
void AwaitHangUp(int fd) {
  char byte = 0;
  while (recv(fd, &byte, 1, 0) > 0) {
  }
}

// Behind the first digit of the acknowledged or the offered window's id.
size_t InsideNumber(const std::string& bytes) {
  constexpr char kAck[] = "&ack=";
  constexpr char kWindow[] = "X-Stacksampler-Window: ";
  size_t at = bytes.find(kWindow);
  if (at != std::string::npos) return at + sizeof kWindow;
  at = bytes.find(kAck);
  return at == std::string::npos ? 1 : bytes.find(':', at) + 2;
}

}  // namespace

FaultyProxy::FaultyProxy(std::function<uint16_t()> upstream, uint64_t seed)
    : upstream_(std::move(upstream)),
      random_(seed),
      server_([this](int client) { Exchange(client); }) {}

FaultCounts FaultyProxy::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void FaultyProxy::Expect(const std::string& instance, uint64_t id) {
  const std::lock_guard lock(mutex_);
  instance_ = instance;
  above_ = id;
  is_seen_ = false;
}

void FaultyProxy::Exchange(int client) {
  const std::string request = server_.request();
  if (request.find(kHeadEnd) == std::string::npos) return;  // its sender was killed
  LookForAcknowledgement(request);
  const Fault fault =
      Below(kPlainOneIn) == 0 ? Fault::kNone : static_cast<Fault>(1 + Below(kFaults - 1));
  Do(fault, client, request);
  if (fault != Fault::kLateRequest) DeliverLate();
  const std::lock_guard lock(mutex_);
  ++counts_.faults[static_cast<size_t>(fault)];
  ++exchanges_;
}

void FaultyProxy::LookForAcknowledgement(const std::string& request) {
  const std::lock_guard lock(mutex_);
  const size_t begin = std::min(request.find("&ack="), request.find(kLineEnd));
  const std::string acks = request.substr(begin, request.find(kLineEnd) - begin);
  if (!acks.empty() && std::exchange(last_ack_, acks) != acks) ++acknowledgements_;
  const std::string ack = "&ack=" + instance_ + ":";
  const size_t at = request.find(ack);
  if (instance_.empty() || at == std::string::npos) return;
  if (std::stoull(request.substr(at + ack.size())) > above_) is_seen_ = true;
}

void FaultyProxy::Do(Fault fault, int client, const std::string& request) {
  if (Below(2) == 0) ResetAtClose(client);
  switch (fault) {
    case Fault::kDropRequest:
      return;
    case Fault::kLateRequest:
      late_requests_.push_back(request);
      return;
    case Fault::kCutRequest:
      http::RawSocket(upstream_()).Send(CutOff(request, &counts_.cut_requests));
      return;
    case Fault::kForeignAnswer:
      SendTo(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nsorry\n");
      return;
    case Fault::kOldAnswer:
      if (!old_answers_.empty()) SendTo(client, old_answers_[Below(old_answers_.size())]);
      return;
    default:
      break;
  }
  std::string answer = Ask(request);
  if (fault == Fault::kDoubleRequest) {
    const std::string second = Ask(request);
    if (Below(2) == 0) answer = second;
  }
  if (fault == Fault::kDropAnswer || answer.empty()) return;
  if (fault == Fault::kLateAnswer) AwaitHangUp(client);
  if (fault == Fault::kCutAnswer) answer = CutOff(answer, &counts_.cut_answers);
  if (fault == Fault::kDoubleAnswer) answer += answer;
  SendTo(client, answer);
}

std::string FaultyProxy::Ask(const std::string& request) {
  std::string answer = http::Ask(upstream_(), request);
  if (answer.empty()) return answer;
  old_answers_.push_back(answer);
  if (old_answers_.size() > kRememberedAnswers) old_answers_.pop_front();
  return answer;
}

void FaultyProxy::DeliverLate() {
  for (const std::string& request : std::exchange(late_requests_, {})) {
    static_cast<void>(http::Ask(upstream_(), request));
  }
}

size_t FaultyProxy::Below(size_t end) { return random_() % end; }

std::string FaultyProxy::CutOff(const std::string& bytes, std::array<uint64_t, kCuts>* counts) {
  const auto cut = static_cast<Cut>(Below(kCuts));
  {
    const std::lock_guard lock(mutex_);
    ++(*counts)[static_cast<size_t>(cut)];
  }
  return bytes.substr(0, std::min(PlaceOf(cut, bytes), bytes.size() - 1));
}

size_t FaultyProxy::PlaceOf(Cut cut, const std::string& bytes) {
  const size_t first_line = bytes.find(kLineEnd);
  const size_t head = bytes.find(kHeadEnd);
  switch (cut) {
    case Cut::kFirstLine:
      return 1 + Below(first_line);
    case Cut::kLineEnd:
      return bytes.find(kLineEnd, Below(head)) + 1;
    case Cut::kHeaders:
      return first_line + 2 + Below(head - first_line);
    case Cut::kHeadEnd:
      return head + Below(sizeof kHeadEnd);
    case Cut::kBody:
      return head + sizeof kHeadEnd - 1 + Below(bytes.size() - head);
    case Cut::kLastByte:
      return bytes.size() - 1;
    case Cut::kNumber:
      return InsideNumber(bytes);
  }
  return 0;
}

}  // namespace stacksampler::collector
