// SPDX-License-Identifier: MIT
#include "http/resolver.h"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "http/head.h"
#include "http/thread.h"

namespace stacksampler::http {
namespace {

using Addresses = std::vector<SocketAddress>;

// Name service plug-ins are other people's code: they get more room than our own threads.
constexpr size_t kLookupStackBytes = size_t{1} << 20;

// Counts the running look-ups. Never destroyed: a stuck one may outlive main().
class Slots {
 public:
  static Slots& Get() {
    static auto* const slots = new Slots;
    return *slots;
  }
  bool Acquire(Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_until(lock, deadline.at(), [this] { return used_ < kMaxLookups; })) {
      return false;
    }
    ++used_;
    return true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    --used_;
    freed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  size_t used_ = 0;
};

// Shared by the asker and the helper thread; whoever leaves last frees it.
class Pending {
 public:
  void Finish(Result<Addresses> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    done_.notify_one();
  }
  std::optional<Result<Addresses>> Wait(Deadline deadline) {
    std::unique_lock lock(mutex_);
    done_.wait_until(lock, deadline.at(), [this] { return result_.has_value(); });
    return std::exchange(result_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::optional<Result<Addresses>> result_;
};

Result<Addresses> LookUp(const std::string& host, uint16_t port, const Lookup& lookup) {
  return IfMemoryLasts([&] { return lookup ? lookup(host, port) : SystemLookup(host, port, 0); });
}

Result<Addresses> LookUpOnHelper(const std::string& host, uint16_t port, Deadline deadline,
                                 const Lookup& lookup) {
  if (!Slots::Get().Acquire(deadline)) {
    return Status(StatusCode::kResourceExhausted,
                  "look up " + host + ": " + std::to_string(kMaxLookups) +
                      " name look-ups are stuck; check the name service or use an IP address");
  }
  const auto pending = std::make_shared<Pending>();
  auto helper = Thread::Start(
      [=] {
        pending->Finish(LookUp(host, port, lookup));
        Slots::Get().Release();
      },
      kLookupStackBytes);
  if (!helper.ok()) {
    Slots::Get().Release();
    return helper.status();
  }
  helper->Detach();
  if (auto result = pending->Wait(deadline)) return *std::move(result);
  return Status(StatusCode::kUnavailable,
                "look up " + host + ": no answer from the name service in time");
}

Result<Addresses> AskSystem(const std::string& host, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) {
    return Status(StatusCode::kUnavailable, "look up " + host + ": " + gai_strerror(error));
  }
  Addresses addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

}  // namespace

// RFC 6761 fixes what localhost means: it works without a name service, and without /etc/hosts.
Result<Addresses> SystemLookup(const std::string& host, uint16_t port, int flags) {
  if (ToLower(host) != "localhost") return AskSystem(host, port, flags);
  auto addresses = AskSystem("127.0.0.1", port, AI_NUMERICHOST);
  const auto v6 = AskSystem("::1", port, AI_NUMERICHOST);
  if (addresses.ok() && v6.ok()) addresses->push_back(v6->front());
  return addresses;
}

Result<Addresses> Resolve(const std::string& host, uint16_t port, Deadline deadline,
                          const Lookup& lookup) {
  auto known = SystemLookup(host, port, AI_NUMERICHOST);
  if (known.ok()) return known;
  return LookUpOnHelper(host, port, deadline, lookup);
}

}  // namespace stacksampler::http
