// SPDX-License-Identifier: MIT
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <mutex>

#include "base/errno_status.h"
#include "base/reported.h"
#include "base/valgrind.h"
#include "endpoint/address.h"
#include "endpoint/routes.h"
#include "endpoint/tls_library.h"
#include "http/address.h"
#include "http/server.h"
#include "http/token.h"
#include "sampler/environment.h"
#include "stacksampler/profile_server.h"

namespace stacksampler {
namespace {

// Of a guest's memory, for peers that are slow to read: the largest text, so that it takes two of
// those to have one cut off.
constexpr size_t kMaxUnsentBytes = endpoint::kMaxFoldedBytes;

struct Profiler {
  pid_t pid = 0;
  bool stopping = false;  // a call of stop_profiler() is at it
  std::string place;      // "port 16384", "unix:/run/app.sock"
  std::shared_ptr<Sampler> sampler;
  std::unique_ptr<endpoint::Routes> routes;
  std::unique_ptr<http::Server> server;
};

// Leaked on purpose: a signal or a server thread may outlive static destructors.
std::mutex& Mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

Profiler*& Running() {
  static Profiler* profiler = nullptr;
  return profiler;
}

// In a forked child there is neither thread nor timer: only the parent's listening socket must not
// be held. The objects are left alone, because destroying them would wait for threads that do not
// exist here.
void ForgetParentsProfiler() {
  Profiler*& running = Running();
  if (running == nullptr || running->pid == getpid()) return;
  running->server->Stop();
  running = nullptr;
}

void StopAtExit() { static_cast<void>(stop_profiler()); }

void InstallProcessHooks() {
  static const bool once = [] {
    // fork() runs the hooks that were installed last first: the core's must be there before ours,
    // so that a fork takes our mutex before the core's locks, as StartLocked() does.
    static_cast<void>(Sampler::Running());
    pthread_atfork([] { Mutex().lock(); }, [] { Mutex().unlock(); },
                   [] {
                     ForgetParentsProfiler();
                     Mutex().unlock();
                   });
    std::atexit(StopAtExit);
    return true;
  }();
  static_cast<void>(once);
}

std::vector<std::string> AllowedHosts(const ProfilerOptions& options) {
  std::vector<std::string> hosts = options.allowed_hosts;
  if (http::IsLoopback(options.host)) return hosts;
  for (std::string& name : http::OwnHostNames()) hosts.push_back(std::move(name));
  return hosts;
}

// Null: plain HTTP.
Result<std::shared_ptr<const http::TlsServer>> TlsOf(const ProfilerOptions& options) {
  if (options.tls_cert_file.empty() != options.tls_key_file.empty()) {
    return Status(StatusCode::kInvalidArgument,
                  "TLS takes a certificate and its key: name both (tls_cert_file and tls_key_file, "
                  "STACKSAMPLER_TLS_CERT and STACKSAMPLER_TLS_KEY), or neither");
  }
  if (options.tls_cert_file.empty()) return std::shared_ptr<const http::TlsServer>();
  return endpoint::OpenTlsServer(options.tls_cert_file, options.tls_key_file);
}

Result<http::ServerOptions> ServerOptionsOf(const ProfilerOptions& options) {
  http::ServerOptions server;
  // A guest has two threads here: the one that polls, and this. A collector waits for at most the
  // answer in hand, however many texts people have asked for.
  server.workers = 1;
  server.urgent_path = endpoint::kWindowPath;
  server.max_unsent_bytes = kMaxUnsentBytes;
  server.host = options.host;
  server.port = options.port;
  server.last_port = options.last_port;
  server.allowed_hosts = AllowedHosts(options);
  server.way_to_allow_host =
      "add the name to STACKSAMPLER_ALLOWED_HOSTS or ProfilerOptions::allowed_hosts";
  if (!options.token_file.empty()) {
    auto token = http::ReadTokenFile(options.token_file);
    if (!token.ok()) return token.status();
    server.token = *std::move(token);
  }
  auto tls = TlsOf(options);
  if (!tls.ok()) return tls.status();
  server.tls = *std::move(tls);
  return server;
}

void WarnOfStrangers(const ProfilerOptions& options) {
  if (http::IsLoopback(options.host) || !options.token_file.empty()) return;
  std::fprintf(stderr,
               "stacksampler: listening on %s, where anybody who reaches this port can read "
               "function names; use 127.0.0.1, or a token (ProfilerOptions::token_file or "
               "STACKSAMPLER_TOKEN_FILE)\n",
               options.host.c_str());
}

Status Serve(const http::ServerOptions& options, Profiler* profiler) {
  profiler->routes = std::make_unique<endpoint::Routes>(profiler->sampler);
  auto server = http::Server::Listen(
      options, [routes = profiler->routes.get()](const http::Request& request) {
        return routes->Answer(request);
      });
  if (!server.ok()) return server.status();
  profiler->server = std::move(*server);
  profiler->place = http::IsUnixSocket(options.host)
                        ? options.host
                        : "port " + std::to_string(profiler->server->port());
  return Status::Ok();
}

Status StartLocked(const ProfilerOptions& options) {
  if (Running() != nullptr) {
    return {StatusCode::kAlreadyExists, "the profiler runs already, on " + Running()->place};
  }
  if (Sampler::Running() != nullptr) {
    return {StatusCode::kAlreadyExists,
            "this process is sampled already, as under `cpuprofile record`, so its own endpoint "
            "stays closed; to have the endpoint start it without that"};
  }
  const auto server_options = ServerOptionsOf(options);
  if (!server_options.ok()) return server_options.status();
  auto profiler = std::make_unique<Profiler>();
  profiler->pid = getpid();
  auto sampler = Sampler::Start(options.sampler);
  if (!sampler.ok()) return sampler.status();
  profiler->sampler = *sampler;
  // A host that has no memory to be served with goes on without.
  Status served = IfMemoryLasts([&] { return Serve(*server_options, profiler.get()); });
  if (!served.ok()) {
    const Status stopped = profiler->sampler->Stop();
    return stopped.ok() ? served : stopped;
  }
  WarnOfStrangers(options);
  if (server_options->tls && !server_options->tls->warning().empty()) {
    std::fprintf(stderr, "stacksampler: %s\n", server_options->tls->warning().c_str());
  }
  if (RunsOnValgrind()) std::fprintf(stderr, "stacksampler: %s\n", kOnValgrind);
  Running() = profiler.release();
  return Status::Ok();
}

Status ReadEnvironment(ProfilerOptions* options, bool* off) {
  const auto get =
      sampling::EmptyAsUnset([](const char* name) -> const char* { return secure_getenv(name); });
  if (const char* hosts = get("STACKSAMPLER_ALLOWED_HOSTS")) {
    options->allowed_hosts = endpoint::ParseHosts(hosts);
  }
  if (const char* path = get("STACKSAMPLER_TOKEN_FILE")) options->token_file = path;
  if (const char* path = get("STACKSAMPLER_TLS_CERT")) options->tls_cert_file = path;
  if (const char* path = get("STACKSAMPLER_TLS_KEY")) options->tls_key_file = path;
  if (const char* text = get("STACKSAMPLER_ADDR")) {
    const auto address = endpoint::ParseAddress(text);
    if (!address.ok()) {
      return {address.status().code(), "STACKSAMPLER_ADDR: " + address.status().message()};
    }
    *off = address->off;
    options->host = address->host;
    options->port = address->port;
    options->last_port = address->last_port;
  }
  return sampling::ReadSamplerEnvironment(get, &options->sampler);
}

}  // namespace

ReportedStatus run_profiler() {
  ProfilerOptions options;
  bool off = false;
  Status status = ReadEnvironment(&options, &off);
  if (!status.ok()) return Report("run_profiler", std::move(status));
  if (off) return ReportedStatus(Status::Ok());
  return run_profiler(options);
}

ReportedStatus run_profiler(const std::string& host, uint16_t port) {
  ProfilerOptions options;
  options.host = host;
  options.port = port;
  return run_profiler(options);
}

ReportedStatus run_profiler(const ProfilerOptions& options) {
  InstallProcessHooks();
  const std::lock_guard lock(Mutex());
  return Report("run_profiler", IfMemoryLasts([&] { return StartLocked(options); }));
}

ReportedStatus stop_profiler() {
  Profiler* profiler = nullptr;
  {
    const std::lock_guard lock(Mutex());
    profiler = Running();
    // A copy of the process that ran no fork handler has none of the threads.
    const bool ours = profiler != nullptr && profiler->pid == getpid() && !profiler->stopping;
    if (!ours) return ReportedStatus(Status::Ok());
    profiler->stopping = true;
  }
  // Not under Mutex(): a fork must not wait for as long as a stop takes.
  profiler->server->Stop();
  Status status = profiler->sampler->Stop();
  {
    const std::lock_guard lock(Mutex());
    Running() = nullptr;
  }
  delete profiler;
  return Report("stop_profiler", std::move(status));
}

uint16_t profiler_port() {
  const std::lock_guard lock(Mutex());
  const Profiler* running = Running();
  return running != nullptr ? running->server->port() : 0;
}

}  // namespace stacksampler
