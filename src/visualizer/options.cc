// SPDX-License-Identifier: MIT
#include "visualizer/options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "stacksampler/version.h"

namespace stacksampler::visualizer {
namespace {

constexpr int kUsageError = 2;
constexpr const char* kExample =
    "Example:\n"
    "  collector --host localhost --dbpath /tmp/profiles &\n"
    "  visualizer --dbpath /tmp/profiles\n"
    "and open http://127.0.0.1:9999/ in a browser.";

void AddOptions(CLI::App* app, Options* options) {
  app->set_version_flag("--version", "visualizer " STACKSAMPLER_VERSION_STRING);
  app->footer(kExample);
  app->add_option("--port", options->port, "TCP port, 0 for any free one")->capture_default_str();
  app->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  app->add_option("-d,--dbpath", options->dbpath, "The collector's store directory")
      ->capture_default_str();
  app->add_option("--allow-host", options->allowed_hosts,
                  "Name by which browsers may address this server (repeatable); localhost and IP "
                  "addresses always may");
  app->add_option("--token-file", options->token_file,
                  "File of one line that browsers must give as password (any user's name), and "
                  "others as bearer token");
}

}  // namespace

std::optional<int> ParseOptions(int argc, const char* const* argv, Options* options) {
  CLI::App app("Shows in a browser where the CPU time of the collected services goes.",
               "visualizer");
  AddOptions(&app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::cerr << "visualizer: " << error.what() << "; see visualizer --help" << std::endl;
    return kUsageError;
  }
  return {};
}

}  // namespace stacksampler::visualizer
