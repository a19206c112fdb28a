// SPDX-License-Identifier: MIT
//
// The visualizer: serves the page and its data from a store directory until SIGINT or SIGTERM.
#include <pthread.h>
#include <signal.h>

#include <iostream>
#include <string>

#include "cli/command_line.h"
#include "cli/heap.h"
#include "http/address.h"
#include "http/client.h"
#include "http/server.h"
#include "http/tls/open.h"
#include "http/token.h"
#include "store/any_store.h"
#include "visualizer/discreet_reader.h"
#include "visualizer/foresight.h"
#include "visualizer/options.h"
#include "visualizer/routes.h"
#include "visualizer/tidy_heap.h"

namespace stacksampler::visualizer {
namespace {

constexpr size_t kWorkers = 4;
// Who waits in line costs some kilobytes, and is taken out of it when he resets: a minute's wait is
// better than a refusal. All who look from behind one proxy are one address. A page that only
// closes is not told from one that has no more to ask: its answer is made.
constexpr size_t kMaxConnections = 128;
constexpr size_t kMaxConnectionsPerAddress = 64;
// A zoomed link names every frame from the root on, and C++ names are long.
constexpr size_t kMaxRequestLineBytes = size_t{8} << 10;

// A call tree is a few big vectors. From the heap they get pages that the process has already;
// mapped for each question anew, a third of its time goes into the kernel's making them. With a
// single arena the workers wait for each other: a twentieth more of processor time.
constexpr cli::HeapLimits kHeap = {2, 32 << 20, 64 << 20};

int Fail(const Status& status) {
  std::cerr << "visualizer: " << status.message() << std::endl;
  return 1;
}

Result<http::ServerOptions> ServerOptionsOf(const Options& options) {
  http::ServerOptions server;
  server.host = options.host;
  server.port = options.port;
  server.allowed_hosts = options.allowed_hosts;
  server.way_to_allow_host = "start the visualizer with --allow-host and the name";
  server.way_to_another_port = "pass another --port";
  server.workers = kWorkers;
  server.max_connections = kMaxConnections;
  server.max_connections_per_address = kMaxConnectionsPerAddress;
  server.max_header_line_bytes = kMaxRequestLineBytes;
  if (!options.token_file.empty()) {
    auto token = http::ReadTokenFile(options.token_file);
    if (!token.ok()) return token.status();
    server.token = *std::move(token);
  }
  if (!options.tls_cert_file.empty()) {
    auto tls = http::OpenTlsServer(options.tls_cert_file, options.tls_key_file);
    if (!tls.ok()) return tls.status();
    server.tls = *std::move(tls);
  }
  return server;
}

sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Run(const Options& options) {
  cli::SetHeap(kHeap);
  const sigset_t end_signals = BlockEndSignals();  // before there are threads to inherit the mask
  auto opened = store::OpenAnyReader({options.dbpath, options.store});
  if (!opened.ok()) return Fail(opened.status());
  DiscreetReader reader(*std::move(opened), options.dbpath);
  auto sources = SourceFiles::Open(options.source_roots);
  if (!sources.ok()) return Fail(sources.status());
  const auto server_options = ServerOptionsOf(options);
  if (!server_options.ok()) return Fail(server_options.status());
  const auto server = http::Server::Listen(
      *server_options,
      TidyingHeap(AskingAhead(MakeHandler(&reader, SystemNow, *std::move(sources))),
                  cli::GiveBackPages));
  if (!server.ok()) return Fail(server.status());
  if (!http::IsLoopback(options.host) && options.token_file.empty()) {
    std::cerr << "visualizer: warning: whoever reaches " << options.host
              << " can read the profiles; ask for a password with --token-file" << std::endl;
  }
  if (server_options->tls && !server_options->tls->warning().empty()) {
    std::cerr << "visualizer: warning: " << server_options->tls->warning() << std::endl;
  }
  const std::string url =
      http::UrlOf(options.host, (*server)->port(), server_options->tls != nullptr);
  std::cout << url << (http::IsUnixSocket(options.host) ? "" : "/") << std::endl;
  int signal = 0;
  sigwait(&end_signals, &signal);
  return 0;
}

}  // namespace
}  // namespace stacksampler::visualizer

int main(int argc, char** argv) {
  stacksampler::visualizer::Options options;
  const auto exit_code = stacksampler::visualizer::ParseOptions(argc, argv, &options);
  if (exit_code) return *exit_code;
  return stacksampler::cli::Guarded("visualizer",
                                    [&] { return stacksampler::visualizer::Run(options); });
}
