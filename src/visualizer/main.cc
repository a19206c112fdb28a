// SPDX-License-Identifier: MIT
//
// The visualizer: serves the page and its data from a store directory.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "stacksampler/version.h"
#include "store/profile_store.h"
#include "visualizer/routes.h"

namespace {

constexpr int kRuntimeFailure = 1;
constexpr int kUsageError = 2;
constexpr size_t kWorkers = 4;
// A zoomed link names every frame from the root on, and C++ names are long.
constexpr size_t kMaxRequestLineBytes = size_t{8} << 10;

constexpr const char* kExample =
    "Example:\n"
    "  collector --host localhost --dbpath /tmp/profiles &\n"
    "  visualizer --dbpath /tmp/profiles\n"
    "and open http://127.0.0.1:9999/ in a browser.";

struct Options {
  std::string host = "127.0.0.1";
  int port = 9999;
  std::string dbpath = "/var/lib/stackcollector/db";
  std::vector<std::string> allowed_hosts;
};

void AddOptions(CLI::App* app, Options* options) {
  app->set_version_flag("--version", "visualizer " STACKSAMPLER_VERSION_STRING);
  app->footer(kExample);
  app->add_option("--port", options->port, "TCP port, 0 for any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  app->add_option("-d,--dbpath", options->dbpath, "The collector's store directory")
      ->capture_default_str();
  app->add_option("--allow-host", options->allowed_hosts,
                  "Name by which browsers may address this server (repeatable); localhost and IP "
                  "addresses always may");
}

int Fail(const std::string& message) {
  std::cerr << "visualizer: " << message << std::endl;
  return kRuntimeFailure;
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
  const auto reader = stacksampler::store::OpenReader(options.dbpath);
  if (!reader.ok()) {
    return Fail(reader.status().message() +
                "; a collector makes it: collector --host HOST --dbpath " + options.dbpath);
  }
  stacksampler::http::ServerOptions server_options;
  server_options.host = options.host;
  server_options.port = static_cast<uint16_t>(options.port);
  server_options.allowed_hosts = options.allowed_hosts;
  server_options.workers = kWorkers;
  server_options.max_header_line_bytes = kMaxRequestLineBytes;
  const sigset_t end_signals = BlockEndSignals();  // before there are threads to inherit the mask
  const auto server = stacksampler::http::Server::Listen(
      server_options, stacksampler::visualizer::MakeHandler(reader->get()));
  if (!server.ok()) return Fail(server.status().message());
  if (!stacksampler::http::IsLoopback(options.host)) {
    std::cerr << "visualizer: warning: whoever reaches " << options.host
              << " can read the profiles: there is no password" << std::endl;
  }
  std::cout << "http://" << stacksampler::http::JoinHostPort(options.host, (*server)->port()) << '/'
            << std::endl;
  int signal = 0;
  sigwait(&end_signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Shows in a browser where the CPU time of the collected services goes.",
               "visualizer");
  AddOptions(&app, &options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::cerr << "visualizer: " << error.what() << "; see visualizer --help" << std::endl;
    return kUsageError;
  }
  return Run(options);
}
