// SPDX-License-Identifier: MIT
#include "collector/commands.h"

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "base/time_phrase.h"
#include "cli/command_line.h"
#include "cli/progress.h"
#include "store/check.h"
#include "store/legacy_export.h"
#include "store/legacy_import.h"

namespace stacksampler::collector {
namespace {

void LogWarning(const std::string& what) { Log(LogLevel::kWarning, "store", {{"what", what}}); }

std::function<void(double)> Shown(cli::Progress* progress, const std::string& doing) {
  return [=](double part) {
    progress->Show(doing + ": " + std::to_string(static_cast<int>(part * 100)) + " %");
  };
}

void PrintImport(const store::ImportSummary& summary) {
  std::printf("read %" PRIu64 " entries of %" PRIu64 " stacks, %" PRIu64
              " of them imported before; stored %" PRIu64 " records",
              summary.entries, summary.stacks, summary.known_entries, summary.records);
  if (summary.records > 0) {
    std::printf(", %s to %s", FormatTime(summary.first_ns).c_str(),
                FormatTime(summary.last_ns).c_str());
  }
  std::printf("; left out %" PRIu64 " malformed entries and %" PRIu64
              " records whose sum passes 2^63; cut %" PRIu64 " sums off at 2^63\n",
              summary.malformed, summary.refused_records, summary.saturated);
  if (summary.malformed > 0) LogWarning("malformed, for example: " + summary.first_malformed);
}

void AddStore(CLI::App* command, std::string* dbpath) {
  command->add_option("-d,--dbpath", *dbpath, "directory of the store")->capture_default_str();
}

}  // namespace

Commands::Commands(CLI::App* app, std::string* dbpath)
    : import_(
          app->add_subcommand("import", "copy a database of the original collector into a store")),
      export_(app->add_subcommand("export", "write a store for the original visualizer")),
      check_(app->add_subcommand("check", "look through every file of a store, and repair it")),
      dbpath_(*dbpath) {
  import_->add_option("OLD", old_path_, "gdbm file of the original collector; it is only read")
      ->required();
  AddStore(import_, dbpath);
  import_->footer(
      "Example:\n  collector import /var/lib/stackcollector/db.old --dbpath ./profiles");

  export_->add_option("--legacy", out_path_, "file to make, in the original collector's layout")
      ->type_name("OUT")
      ->required();
  AddStore(export_, dbpath);
  cli::AddRange(export_, &range_);
  export_->footer(
      "Example:\n  collector export --legacy ./old.gdbm --dbpath ./profiles --from -1day");

  check_->add_option("DIR", checked_dir_, "directory of the store")->required();
  check_->add_flag("--repair", repair_,
                   "set aside what is damaged, write anew what can be read; no collector may run");
  check_->footer("Example:\n  collector check ./profiles");
}

bool Commands::chosen() const { return import_->parsed() || export_->parsed() || check_->parsed(); }

Result<int> Commands::Run() {
  if (import_->parsed()) return Import();
  if (export_->parsed()) return Export();
  return repair_ ? Repair() : Check();
}

Result<int> Commands::Import() {
  cli::Progress progress;
  store::ImportOptions options;
  options.writer.on_warning = LogWarning;
  options.on_progress = Shown(&progress, "importing " + old_path_);
  const auto summary = store::ImportLegacy(old_path_, dbpath_, options);
  progress.Wipe();
  if (!summary.ok()) return summary.status();
  PrintImport(*summary);
  const bool all = summary->malformed + summary->refused_records + summary->saturated == 0;
  return all ? cli::kDone : cli::kRuntimeFailure;
}

Result<int> Commands::Export() {
  cli::Progress progress;
  store::ExportOptions options;
  options.on_progress = Shown(&progress, "exporting " + dbpath_);
  const Status words = cli::ReadRange(range_, &options.range.from_ns, &options.range.until_ns);
  if (!words.ok()) return cli::Fail("collector", cli::kUsage, words);
  const auto summary = store::ExportLegacy(dbpath_, out_path_, options);
  progress.Wipe();
  if (!summary.ok()) return summary.status();
  std::printf("wrote %" PRIu64 " entries of %" PRIu64 " stacks, weight %" PRIu64 "\n",
              summary->entries, summary->stacks, summary->weight);
  for (const std::string& warning : summary->warnings) LogWarning(warning);
  return summary->warnings.empty() ? cli::kDone : cli::kRuntimeFailure;
}

Result<int> Commands::Check() {
  const auto report = store::CheckStore(checked_dir_);
  if (!report.ok()) return report.status();
  for (const std::string& problem : report->problems) {
    std::fprintf(stderr, "collector: %s\n", problem.c_str());
  }
  std::printf("%s: %" PRIu64 " segments, %" PRIu64 " totals of days, %" PRIu64 " journals, %" PRIu64
              " records; %zu problem%s%s\n",
              checked_dir_.c_str(), report->segments, report->days, report->journals,
              report->records, report->problems.size(), report->problems.size() == 1 ? "" : "s",
              report->has_writer ? "; a collector writes to it" : "");
  return report->problems.empty() ? cli::kDone : cli::kRuntimeFailure;
}

Result<int> Commands::Repair() {
  const auto done = store::RepairStore(checked_dir_);
  if (!done.ok()) return done.status();
  for (const std::string& line : *done) std::printf("%s\n", line.c_str());
  return Check();
}

}  // namespace stacksampler::collector
