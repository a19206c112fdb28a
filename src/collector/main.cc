// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <optional>

#include "base/end_signals.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "cli/heap.h"
#include "cli/suggest.h"
#include "collector/collector.h"
#include "collector/commands.h"
#include "collector/keep.h"
#include "collector/targets.h"
#include "http/tls/open.h"
#include "http/token.h"
#include "stacksampler/version.h"
#include "store/any_store.h"
#include "store/profile_store.h"

namespace stacksampler::collector {
namespace {

struct Arguments {
  std::vector<std::string> hosts;
  std::string ports = "16384";
  double interval_seconds = 600;
  std::string dbpath = "/var/lib/stackcollector/db";
  std::string store;
  std::string share = "1/1";
  std::string token_file;
  std::string ca_file;
  std::vector<std::string> redact;
  std::optional<double> segment_seconds;
  std::string keep = "30d";
  std::string keep_bytes = "10G";
  std::string keep_days = "2y";
  std::string keep_days_bytes = "2G";
  std::string given_keep;  // the last --keep... on the command line
  std::string sample_times;
  bool once = false;
};

int Fail(int code, const Status& status) { return cli::Fail("collector", code, status); }

void Define(CLI::App* app, Arguments* arguments) {
  app->set_version_flag("--version", std::string("collector ") + STACKSAMPLER_VERSION_STRING);
  // Not ->required(): CLI11 would tell of it before it tells of an option that it does not know.
  app->add_option("--host", arguments->hosts,
                  "host to poll, https://host[:port] or unix:/run/app.sock (required); may be "
                  "repeated")
      ->allow_extra_args(false);
  app->add_option("-p,--ports", arguments->ports,
                  "16384, a list 1,2 or a range 16384..16390, which may have empty places")
      ->capture_default_str();
  app->add_option("-i,--interval", arguments->interval_seconds,
                  "seconds between two polls of a target")
      ->check(cli::NumberFrom(0.1, 86400, "write seconds, such as 600"))
      ->capture_default_str();
  app->add_option("-d,--dbpath", arguments->dbpath,
                  "directory of the store; with --store where windows wait for the server")
      ->capture_default_str();
  app->add_option("--store", arguments->store, store::kStoreOptionHelp);
  app->add_option("--share", arguments->share,
                  "2/4: poll only what falls to the second of four collectors with the same list")
      ->capture_default_str();
  app->add_option("--token-file", arguments->token_file,
                  "file of one line: the token to send to every target");
  app->add_option("--ca-file", arguments->ca_file,
                  "authorities in PEM that https:// hosts must prove themselves by, not the "
                  "system's");
  app->add_option("--redact", arguments->redact,
                  "PREFIX=REPLACEMENT or ~REGEX=REPLACEMENT: what of names, paths and labels is "
                  "not stored; may be repeated")
      ->allow_extra_args(false);
  app->add_option(
         "--segment", arguments->segment_seconds,
         "seconds after which stored windows are sealed into a gdbm file; without it after "
         "an hour, or when they have 1 MiB or the day (UTC) ends")
      ->check(cli::NumberFrom(1, 86400, "write seconds, such as 3600"));
  app->add_option("--keep", arguments->keep, "age at which windows go: 36h, 30d, 8w, 2y; 0: never")
      ->capture_default_str();
  app->add_option("--keep-bytes", arguments->keep_bytes,
                  "size of the windows kept, the oldest go first: 500M, 10G; 0: no limit")
      ->capture_default_str();
  app->add_option("--keep-days", arguments->keep_days, "age at which the totals of days go")
      ->capture_default_str();
  app->add_option("--keep-days-bytes", arguments->keep_days_bytes,
                  "size of the totals of days kept, the oldest go first")
      ->capture_default_str();
  for (const char* option : {"--keep", "--keep-bytes", "--keep-days", "--keep-days-bytes"}) {
    app->get_option(option)->each(
        [arguments, option](const std::string&) { arguments->given_keep = option; });
  }
  app->add_option(
      "--sample-times", arguments->sample_times,
      "20ms: keep when, to within so much, samples were taken, for a heat map; from 1ms "
      "to 1s; makes the store larger");
  app->add_flag("--once", arguments->once,
                "poll every target once, print a summary, then end (1 if one failed)");
  app->footer(
      "Example:\n"
      "  collector --host localhost --ports 16384..16390 --interval 60 --dbpath ./profiles");
}

Status CheckDbpath(const Arguments& arguments) {
  if (!arguments.dbpath.empty()) return Status::Ok();
  return {StatusCode::kInvalidArgument, "--dbpath: empty name; write a directory"};
}

// What the servers would not heed must not be taken for a promise.
Status CheckWithStore(const Arguments& arguments) {
  if (arguments.store.empty()) return Status::Ok();
  if (!arguments.sample_times.empty()) {
    return {StatusCode::kInvalidArgument,
            "--sample-times: only the store in a directory keeps sample times; leave this out, or "
            "--store"};
  }
  if (arguments.given_keep.empty()) return Status::Ok();
  return {StatusCode::kInvalidArgument,
          arguments.given_keep +
              ": only the store in a directory is trimmed by the collector; leave this out, and "
              "drop partitions of the servers' tables by cron (docs/clickhouse.md, Retention)"};
}

Result<std::vector<Target>> Check(const Arguments& arguments) {
  const auto usage = [](const char* text) { return Status(StatusCode::kInvalidArgument, text); };
  if (arguments.hosts.empty()) return usage("--host is required; see collector --help");
  if (Status status = CheckDbpath(arguments); !status.ok()) return status;
  if (Status status = store::CheckStoreUrl(arguments.store); !status.ok()) return status;
  if (Status status = CheckWithStore(arguments); !status.ok()) return status;
  const auto share = ParseShare(arguments.share);
  if (!share.ok()) return share.status();
  auto targets = MakeTargets(arguments.hosts, arguments.ports);
  return targets.ok() ? OfShare(*targets, *share) : targets;
}

Result<store::Keep> ParseKeep(const std::string& option, const std::string& age,
                              const std::string& bytes) {
  const Result<int64_t> age_ns = ParseAge(option, age);
  if (!age_ns.ok()) return age_ns.status();
  const Result<uint64_t> size = ParseBytes(option + "-bytes", bytes);
  if (!size.ok()) return size.status();
  return store::Keep{*age_ns, *size};
}

Result<store::WriterOptions> StoreOptions(const Arguments& arguments) {
  store::WriterOptions options;
  if (arguments.segment_seconds) {
    options.segment_ns = std::llround(*arguments.segment_seconds) * 1'000'000'000;
    options.min_journal_bytes = 0;
  }
  const auto segments = ParseKeep("--keep", arguments.keep, arguments.keep_bytes);
  if (!segments.ok()) return segments.status();
  const auto days = ParseKeep("--keep-days", arguments.keep_days, arguments.keep_days_bytes);
  if (!days.ok()) return days.status();
  options.keep_segments = *segments;
  options.keep_days = *days;
  options.on_warning = [](const std::string& what) {
    Log(LogLevel::kWarning, "store", {{"what", what}});
  };
  options.on_removed = [](const std::string& what) {
    Log(LogLevel::kInfo, "retention", {{"what", what}});
  };
  return options;
}

// 0 when none are asked for.
Result<std::chrono::milliseconds> SampleTimes(const Arguments& arguments) {
  if (arguments.sample_times.empty()) return std::chrono::milliseconds(0);
  const Result<int64_t> ms = ParseBucket("--sample-times", arguments.sample_times);
  if (!ms.ok()) return ms.status();
  return std::chrono::milliseconds(*ms);
}

// Null when no target speaks TLS.
Result<std::shared_ptr<const http::TlsClient>> TlsFor(const std::vector<Target>& targets,
                                                      const std::string& ca_file) {
  const bool is_wanted =
      std::any_of(targets.begin(), targets.end(), [](const Target& target) { return target.tls; });
  if (!is_wanted) return std::shared_ptr<const http::TlsClient>();
  return http::OpenTlsClient(ca_file);
}

int RunOnce(Collector* collector, size_t targets) {
  const bool all_stored = collector->RunOnce();
  const CollectorCounters counters = collector->counters();
  std::printf("polled %" PRIu64 " target%s: %" PRIu64 " answered, %" PRIu64 " failed, %" PRIu64
              " empty; stored %" PRIu64 " records, weight %" PRIu64 "\n",
              counters.polls, counters.polls == 1 ? "" : "s",
              counters.polls - counters.failed - counters.empty, counters.failed, counters.empty,
              counters.stored, counters.stored_weight);
  const bool all_answered =
      counters.failed == 0 && counters.polls >= targets && collector->empty_ranges() == 0;
  return all_stored && all_answered ? cli::kDone : cli::kRuntimeFailure;
}

void LogCollecting(const Arguments& arguments, size_t targets) {
  const std::string count = std::to_string(targets);
  if (arguments.store.empty()) {
    Log(LogLevel::kInfo, "collecting", {{"targets", count}, {"dbpath", arguments.dbpath}});
  } else {
    Log(LogLevel::kInfo, "collecting",
        {{"targets", count}, {"store", arguments.store}, {"outbox", arguments.dbpath}});
  }
}

int Run(const Arguments& arguments) {
  auto targets = Check(arguments);
  if (!targets.ok()) return Fail(cli::kUsage, targets.status());
  const auto bucket = SampleTimes(arguments);
  if (!bucket.ok()) return Fail(cli::kUsage, bucket.status());
  const auto store_options = StoreOptions(arguments);
  if (!store_options.ok()) return Fail(cli::kUsage, store_options.status());
  auto redactor = Redactor::Of(arguments.redact);
  if (!redactor.ok()) return Fail(cli::kUsage, redactor.status());
  const Status distinct = CheckDistinct(*targets, *redactor);
  if (!distinct.ok()) return Fail(cli::kUsage, distinct);
  auto token = arguments.token_file.empty() ? Result<std::string>(std::string())
                                            : http::ReadTokenFile(arguments.token_file);
  if (!token.ok()) return Fail(cli::kRuntimeFailure, token.status());
  auto tls = TlsFor(*targets, arguments.ca_file);
  if (!tls.ok()) return Fail(cli::kRuntimeFailure, tls.status());
  auto writer = store::OpenAnyWriter({arguments.dbpath, arguments.store}, *store_options);
  if (!writer.ok()) return Fail(cli::kRuntimeFailure, writer.status());

  CollectorOptions options;
  options.interval = std::chrono::milliseconds(std::llround(arguments.interval_seconds * 1000));
  options.sample_times = *bucket;
  options.fetch.token = *std::move(token);
  options.fetch.tls = *std::move(tls);
  options.redactor = std::make_shared<Redactor>(*std::move(redactor));
  Collector collector(*targets, writer->get(), options);
  const EndSignals end_signals([&] { collector.Stop(); });
  if (arguments.once) return RunOnce(&collector, targets->size());
  LogCollecting(arguments, targets->size());
  return collector.Run() ? cli::kDone : cli::kRuntimeFailure;
}

int RunCommand(const Arguments& arguments, Commands* commands) {
  if (const Status status = CheckDbpath(arguments); !status.ok()) return Fail(cli::kUsage, status);
  const Result<int> code = commands->Run();
  if (code.ok()) return *code;
  return Fail(cli::kRuntimeFailure, code.status());
}

}  // namespace
}  // namespace stacksampler::collector

int main(int argc, char** argv) {
  using namespace stacksampler::collector;
  // Polls are decoded one at a time, so that many threads need no more than one arena.
  stacksampler::cli::SetHeap({});
  Arguments arguments;
  CLI::App app("Polls the profile endpoints of many processes and stores what they sampled.",
               "collector");
  Define(&app, &arguments);
  Commands commands(&app, &arguments.dbpath);
  if (const auto code = stacksampler::cli::Parse(&app, argc, argv)) return *code;
  if (!commands.chosen()) stacksampler::EndSignals::Block();
  // A reader of the log that is gone, and a file that may not grow, are errors to report, not to
  // die of.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return stacksampler::cli::Guarded("collector", [&] {
    return commands.chosen() ? RunCommand(arguments, &commands) : Run(arguments);
  });
}
