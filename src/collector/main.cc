// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/end_signals.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "collector/collector.h"
#include "collector/targets.h"
#include "http/token.h"
#include "stacksampler/version.h"
#include "store/profile_store.h"

namespace stacksampler::collector {
namespace {

struct Arguments {
  std::vector<std::string> hosts;
  std::string ports = "16384";
  double interval_seconds = 600;
  std::string dbpath = "/var/lib/stackcollector/db";
  std::string token_file;
  double segment_seconds = 3600;
  bool once = false;
};

int Fail(int code, const Status& status) { return cli::Fail("collector", code, status); }

void Define(CLI::App* app, Arguments* arguments) {
  app->set_version_flag("--version", std::string("collector ") + STACKSAMPLER_VERSION_STRING);
  // Not ->required(): CLI11 would tell of it before it tells of an option that it does not know.
  app->add_option("--host", arguments->hosts, "host to poll (required); may be repeated")
      ->allow_extra_args(false);
  app->add_option("-p,--ports", arguments->ports,
                  "16384, a list 1,2 or a range 16384..16390, which may have empty places")
      ->capture_default_str();
  app->add_option("-i,--interval", arguments->interval_seconds,
                  "seconds between two polls of a target")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  app->add_option("-d,--dbpath", arguments->dbpath, "directory of the store")
      ->capture_default_str();
  app->add_option("--token-file", arguments->token_file,
                  "file of one line: the token to send to every target");
  app->add_option("--segment", arguments->segment_seconds,
                  "seconds after which stored windows are sealed into a gdbm file")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
  app->add_flag("--once", arguments->once,
                "poll every target once, print a summary, then end (1 if one failed)");
  app->footer(
      "example: collector --host localhost --ports 16384..16390 --interval 60 --dbpath ./profiles");
}

Result<std::vector<Target>> Check(const Arguments& arguments) {
  const auto usage = [](const char* text) { return Status(StatusCode::kInvalidArgument, text); };
  if (arguments.hosts.empty()) return usage("--host is required; see collector --help");
  if (arguments.dbpath.empty()) return usage("--dbpath: empty name; write a directory");
  return MakeTargets(arguments.hosts, arguments.ports);
}

int RunOnce(Collector* collector, size_t targets) {
  const bool all_stored = collector->RunOnce();
  const CollectorCounters counters = collector->counters();
  std::printf("polled %" PRIu64 " targets: %" PRIu64 " answered, %" PRIu64 " failed, %" PRIu64
              " empty; stored %" PRIu64 " records, weight %" PRIu64 "\n",
              counters.polls, counters.polls - counters.failed - counters.empty, counters.failed,
              counters.empty, counters.stored, counters.stored_weight);
  const bool all_answered =
      counters.failed == 0 && counters.polls >= targets && collector->empty_ranges() == 0;
  return all_stored && all_answered ? cli::kDone : cli::kRuntimeFailure;
}

int Run(const Arguments& arguments) {
  auto targets = Check(arguments);
  if (!targets.ok()) return Fail(cli::kUsage, targets.status());
  store::WriterOptions store_options;
  store_options.segment_ns = std::llround(arguments.segment_seconds) * 1'000'000'000;
  store_options.on_warning = [](const std::string& what) {
    Log(LogLevel::kWarning, "store", {{"what", what}});
  };
  auto token = arguments.token_file.empty() ? Result<std::string>(std::string())
                                            : http::ReadTokenFile(arguments.token_file);
  if (!token.ok()) return Fail(cli::kRuntimeFailure, token.status());
  auto writer = store::OpenWriter(arguments.dbpath, store_options);
  if (!writer.ok()) return Fail(cli::kRuntimeFailure, writer.status());

  CollectorOptions options;
  options.interval = std::chrono::milliseconds(std::llround(arguments.interval_seconds * 1000));
  options.fetch.token = *std::move(token);
  Collector collector(*targets, writer->get(), options);
  const EndSignals end_signals([&] { collector.Stop(); });
  if (arguments.once) return RunOnce(&collector, targets->size());
  Log(LogLevel::kInfo, "collecting",
      {{"targets", std::to_string(targets->size())}, {"dbpath", arguments.dbpath}});
  return collector.Run() ? cli::kDone : cli::kRuntimeFailure;
}

}  // namespace
}  // namespace stacksampler::collector

int main(int argc, char** argv) {
  using namespace stacksampler::collector;
  Arguments arguments;
  CLI::App app("Polls the profile endpoints of many processes and stores what they sampled.",
               "collector");
  Define(&app, &arguments);
  if (const auto code = stacksampler::cli::Parse(&app, argc, argv)) return *code;
  stacksampler::EndSignals::Block();
  // A reader of the log that is gone, and a file that may not grow, are errors to report, not to
  // die of.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return Run(arguments);
  } catch (const std::exception& error) {  // out of memory or threads
    return Fail(stacksampler::cli::kRuntimeFailure,
                {stacksampler::StatusCode::kResourceExhausted, error.what()});
  }
}
