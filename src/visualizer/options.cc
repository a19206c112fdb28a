// SPDX-License-Identifier: MIT
#include "visualizer/options.h"

#include <CLI/CLI.hpp>

#include "cli/command_line.h"
#include "cli/suggest.h"
#include "http/address.h"
#include "stacksampler/version.h"
#include "store/any_store.h"

namespace stacksampler::visualizer {
namespace {

constexpr const char* kExample =
    "Example:\n"
    "  collector --host localhost --dbpath /tmp/profiles &\n"
    "  visualizer --dbpath /tmp/profiles\n"
    "and open http://127.0.0.1:9999/ in a browser.";

void AddOptions(CLI::App* app, Options* options) {
  app->set_version_flag("--version", "visualizer " STACKSAMPLER_VERSION_STRING);
  app->footer(kExample);
  app->add_option("--port", options->port, "TCP port, 0 for any free one")
      ->check(cli::NumberFrom(0, 65535, "write the number of a port"))
      ->capture_default_str();
  app->add_option("--host", options->host, "Address to listen on, or unix:/run/visualizer.sock")
      ->capture_default_str();
  app->add_option("-d,--dbpath", options->dbpath, "The collector's store directory")
      ->capture_default_str();
  app->add_option("--store", options->store, store::kStoreOptionHelp);
  app->add_option("--allow-host", options->allowed_hosts,
                  "Name by which browsers may address this server (repeatable); localhost and IP "
                  "addresses always may");
  app->add_option("--source-root", options->source_roots,
                  "Folder below which sources may be shown: DIR, or RECORDED=DIR where they were "
                  "compiled in RECORDED (repeatable)");
  app->add_option("--token-file", options->token_file,
                  "File of one line that browsers must give as password (any user's name), and "
                  "others as bearer token");
  auto* const cert = app->add_option("--tls-cert", options->tls_cert_file,
                                     "Certificate in PEM: speak TLS, https://, alone");
  auto* const key =
      app->add_option("--tls-key", options->tls_key_file, "Key of --tls-cert, in PEM");
  cert->needs(key);
  key->needs(cert);
}

}  // namespace

std::optional<int> ParseOptions(int argc, const char* const* argv, Options* options) {
  CLI::App app("Shows in a browser where the CPU time of the collected services goes.",
               "visualizer");
  AddOptions(&app, options);
  if (const auto exit_code = cli::Parse(&app, argc, argv)) return exit_code;
  const bool has_port = app.get_option("--port")->count() > 0;
  if (!has_port || !http::IsUnixSocket(options->host)) return std::nullopt;
  return cli::Fail("visualizer", cli::kUsage,
                   {StatusCode::kInvalidArgument,
                    "--port: " + options->host + " has no port; leave one of the two out"});
}

}  // namespace stacksampler::visualizer
