// SPDX-License-Identifier: MIT
#include "http/server.h"

#include <unistd.h>

#include <mutex>
#include <optional>
#include <utility>

#include "base/unique_fd.h"
#include "http/listener.h"
#include "http/server_loop.h"
#include "http/thread.h"
#include "http/wake.h"
#include "http/worker_pool.h"

namespace stacksampler::http {
namespace {

std::string FirstValue(const std::multimap<std::string, std::string>& map,
                       const std::string& name) {
  const auto entry = map.find(name);
  return entry == map.end() ? std::string() : entry->second;
}

}  // namespace

std::string Request::Param(const std::string& name) const { return FirstValue(params, name); }

std::string Request::Header(const std::string& name) const { return FirstValue(headers, name); }

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Listener listener, UniqueFd wake, Handler handler)
      : workers_(std::move(handler), [this] { loop_.Wake(); }),
        loop_(options, std::move(listener), std::move(wake), &workers_) {}

  Status Start(size_t workers);
  void Stop();
  /// The threads did not come along.
  [[nodiscard]] bool is_forked_copy() const { return getpid() != owner_; }
  void CloseCopies() { loop_.CloseCopies(); }
  [[nodiscard]] const ServerLoop& loop() const { return loop_; }

 private:
  const pid_t owner_ = getpid();
  WorkerPool workers_;
  ServerLoop loop_;
  std::mutex stop_mutex_;
  std::optional<Thread> loop_thread_;
};

Status Server::Impl::Start(size_t workers) {
  Status status = workers_.Start(workers);
  if (!status.ok()) return status;
  auto thread = Thread::Start([this] { loop_.Run(); });
  if (!thread.ok()) return thread.status();
  loop_thread_.emplace(*std::move(thread));
  return Status::Ok();
}

void Server::Impl::Stop() {
  const std::lock_guard lock(stop_mutex_);
  loop_.RequestStop();
  if (loop_thread_) loop_thread_->Join();
  workers_.Stop();
  loop_.CloseListener();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::Listen(const ServerOptions& options, Handler handler) {
  if (!handler || options.workers == 0 || options.max_connections == 0 ||
      options.max_connections_per_address == 0) {
    return Status(StatusCode::kInvalidArgument,
                  "serve HTTP: a handler, a worker and a connection are the least it takes");
  }
  auto listener =
      OpenListener(options.host, options.port, options.last_port, options.way_to_another_port);
  if (!listener.ok()) return listener.status();
  auto wake = OpenWake();
  if (!wake.ok()) return wake.status();
  auto impl =
      std::make_unique<Impl>(options, *std::move(listener), *std::move(wake), std::move(handler));
  std::unique_ptr<Server> server(new Server(std::move(impl)));
  if (Status status = server->impl_->Start(options.workers); !status.ok()) return status;
  return server;
}

Server::~Server() {
  if (!impl_) return;
  Stop();
  // In a forked child the threads are missing and what they held stays held.
  if (impl_->is_forked_copy()) static_cast<void>(impl_.release());
}

uint16_t Server::port() const { return impl_->loop().port(); }

ServerCounters Server::counters() const { return impl_->loop().counters(); }

void Server::Stop() {
  if (impl_->is_forked_copy()) return impl_->CloseCopies();
  impl_->Stop();
}

}  // namespace stacksampler::http
