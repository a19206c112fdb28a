// SPDX-License-Identifier: MIT
#include "cpuprofile/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/suggest.h"
#include "cpuprofile/convert.h"
#include "cpuprofile/extract_command.h"
#include "cpuprofile/http_url.h"
#include "cpuprofile/interval.h"
#include "cpuprofile/output.h"
#include "cpuprofile/output_flags.h"
#include "cpuprofile/record.h"
#include "cpuprofile/symbolize.h"
#include "http/tls/open.h"
#include "http/token.h"
#include "stacksampler/version.h"

namespace stacksampler::cpuprofile {
namespace {

using Words = std::vector<std::string>;

constexpr char kExamples[] =
    "Example:\n"
    "  cpuprofile record -o out.cpuprofile -- ./server --port 80\n"
    "  cpuprofile record --url http://localhost:16384 --seconds 10 -o out.cpuprofile\n"
    "  cpuprofile convert profile.pb.gz -o out.cpuprofile\n"
    "  cpuprofile extract --store /var/lib/stackcollector/db --from -1hour -o hour.pb.gz\n"
    "  cpuprofile symbolize prod.pb.gz -o named.pb.gz --debug-dir build/unstripped\n"
    "Open a .cpuprofile in Chrome's DevTools (Performance, Load profile), VS Code or speedscope.";
constexpr char kConvertExample[] =
    "Example:\n"
    "  cpuprofile convert profile.pb.gz | flamegraph.pl > profile.svg";
constexpr char kSymbolizeExample[] =
    "Example:\n"
    "  cpuprofile symbolize prod.pb.gz -o named.pb.gz --debug-dir build/unstripped";
constexpr char kRecordForms[] =
    "Forms:\n"
    "  cpuprofile record [OPTIONS] -- program [args...]\n"
    "  cpuprofile record [OPTIONS] --url http://host:port --seconds N [-o OUT]";

constexpr std::chrono::milliseconds kMinInterval{1};
constexpr std::chrono::seconds kMaxInterval{10};
constexpr int kMaxSeconds = 1000000;

Status Usage(const std::string& text) { return {StatusCode::kInvalidArgument, text}; }

Result<int> ExitCode(const Status& status) {
  if (!status.ok()) return status;
  return kExitDone;
}

class ConvertCommand {
 public:
  explicit ConvertCommand(CLI::App* app) : output_(app, "-") {
    app->footer(kConvertExample);
    app->add_option("input", options_.input, "File to read, - for standard input")
        ->required()
        ->type_name("IN");
    AddFormat(app, "--from", &options_.from, "Format of IN (its content tells)", FormatNames(true));
  }

  Status Check() {
    auto output = ChooseOutput(output_.path, output_.format, FileFormat::kFolded);
    if (!output.ok()) return output.status();
    options_.output = *std::move(output);
    options_.thread = output_.thread;
    return Status::Ok();
  }
  [[nodiscard]] Result<int> Run() const { return ExitCode(Convert(options_)); }

 private:
  OutputFlags output_;
  ConvertOptions options_;
};

class SymbolizeCommand {
 public:
  explicit SymbolizeCommand(CLI::App* app) : output_(app, "-") {
    app->footer(kSymbolizeExample);
    app->add_option("input", options_.input, "pprof file to read, - for standard input")
        ->required()
        ->type_name("IN");
    app->add_option("--debug-dir", options_.debug_directories,
                    "Search here, too: .build-id/xx/ or the files themselves (/usr/lib/debug)")
        ->type_name("DIR")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  Status Check() {
    auto output = ChooseOutput(output_.path, output_.format, FileFormat::kFolded);
    if (!output.ok()) return output.status();
    options_.output = *std::move(output);
    options_.thread = output_.thread;
    return Status::Ok();
  }
  [[nodiscard]] Result<int> Run() const { return Symbolize(options_); }

 private:
  OutputFlags output_;
  SymbolizeOptions options_;
};

class RecordCommand {
 public:
  explicit RecordCommand(CLI::App* app)
      : app_(app), output_(app, "out.cpuprofile", "with --url also - for standard output") {
    app->footer(kRecordForms);
    app->prefix_command();
    app->add_option("--seconds", seconds_, "Record so long; the program goes on after it")
        ->check(CLI::Range(1, kMaxSeconds))
        ->type_name("N");
    app->add_option("--interval", interval_, "CPU time between two samples, 1ms to 10s (1ms)")
        ->type_name("TIME");
    app->add_option("--mode", options_.mode,
                    "cpu: where CPU time goes; wall: also where threads wait (cpu)")
        ->check(CLI::IsMember({"cpu", "wall"}));
    app->add_flag("--lines", options_.running_lines,
                  "Tell the lines that ran, not those on which functions begin");
    app->add_option("--url", url_, "Ask a running program's endpoint instead")->type_name("URL");
    app->add_option("--token-file", token_file_, "File of one line: the token that --url asks for")
        ->type_name("FILE");
    app->add_option("--ca-file", ca_file_,
                    "Authorities in PEM that --url https:// must prove itself by, not the system's")
        ->type_name("FILE");
  }

  /// `after_dashes`: what stood behind "--".
  Status Check(const std::optional<Words>& after_dashes) {
    command_ = app_->remaining();
    // "record prog -- arg": the dashes are the program's own.
    if (!command_.empty() && after_dashes) command_.emplace_back("--");
    if (after_dashes) command_.insert(command_.end(), after_dashes->begin(), after_dashes->end());
    if (const Words words = app_->remaining(); !words.empty() && words.front()[0] == '-') {
      return Usage(cli::UnknownWord(*app_, words.front()) + "; see cpuprofile record --help");
    }
    if (url_.empty() == command_.empty()) {
      return Usage("record either a program (-- program args) or a --url");
    }
    if (Status status = url_.empty() ? CheckProgram() : CheckUrl(); !status.ok()) return status;
    auto output = ChooseOutput(output_.path, output_.format, FileFormat::kCpuProfile);
    if (!output.ok()) return output.status();
    options_.output = *std::move(output);
    options_.thread = output_.thread;
    if (seconds_ > 0) options_.duration = std::chrono::seconds(seconds_);
    return Status::Ok();
  }

  [[nodiscard]] Result<int> Run() const {
    return url_.empty() ? RecordProgram(options_, command_)
                        : ExitCode(RecordUrl(options_, target_));
  }

 private:
  Status CheckUrl() {
    if (seconds_ == 0) return Usage("--url needs --seconds");
    if (!interval_.empty()) return Usage("with --url the interval is the running program's own");
    if (!options_.mode.empty()) {
      return Usage(
          "with --url the mode is the running program's own: SamplerOptions::mode or "
          "STACKSAMPLER_MODE");
    }
    if (options_.running_lines) {
      return Usage(
          "with --url the lines are the running program's own: SamplerOptions::running_lines or "
          "STACKSAMPLER_LINES");
    }
    Result<http::Url> target = ParseHttpUrl(url_);
    if (!target.ok()) return target.status();
    target_ = *std::move(target);
    if (!token_file_.empty()) {
      auto token = http::ReadTokenFile(token_file_);
      if (!token.ok()) return token.status();
      options_.fetch.token = *std::move(token);
    }
    return ReadCaFile();
  }

  Status ReadCaFile() {
    if (!target_.tls)
      return ca_file_.empty() ? Status::Ok() : Usage("--ca-file goes with https://");
    auto tls = http::OpenTlsClient(ca_file_);
    if (!tls.ok()) return tls.status();
    options_.fetch.tls = *std::move(tls);
    return Status::Ok();
  }

  Status CheckProgram() {
    if (!token_file_.empty()) return Usage("--token-file goes with --url");
    if (!ca_file_.empty()) return Usage("--ca-file goes with --url");
    if (output_.path == "-") {
      return Usage(
          "-o - would mix the profile with what the program prints; name a file (- goes with "
          "--url)");
    }
    if (interval_.empty()) return Status::Ok();
    const auto interval = ParseInterval(interval_);
    if (!interval.ok()) return Usage("--interval " + interval.status().message());
    if (*interval < kMinInterval || *interval > kMaxInterval) {
      return Usage("--interval " + interval_ + ": must be from 1ms to 10s");
    }
    options_.interval = *interval;
    return Status::Ok();
  }

  CLI::App* app_;
  OutputFlags output_;
  int seconds_ = 0;
  std::string interval_;
  std::string url_;
  std::string token_file_;
  std::string ca_file_;
  Words command_;
  http::Url target_;
  RecordOptions options_;
};

int Fail(const Status& status, int exit_code) {
  Say(status.message());
  return exit_code;
}

template <typename Command>
int Finish(const Status& usage, const Command& command) {
  if (!usage.ok()) return Fail(usage, kExitUsage);
  const Result<int> code = command.Run();
  return code.ok() ? *code : Fail(code.status(), kExitFailed);
}

// CLI11 would read the recorded program's options as ours: they are taken away first.
std::optional<Words> TakeAfterDashes(Words* arguments) {
  if (arguments->empty() || arguments->front() != "record") return {};
  const auto dashes = std::find(arguments->begin(), arguments->end(), "--");
  if (dashes == arguments->end()) return {};
  Words after(dashes + 1, arguments->end());
  arguments->erase(dashes, arguments->end());
  return after;
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app("Records CPU profiles of programs and converts them.", "cpuprofile");
  app.set_version_flag("--version", "cpuprofile " STACKSAMPLER_VERSION_STRING);
  app.require_subcommand(1);
  app.footer(kExamples);
  ConvertCommand convert(
      app.add_subcommand("convert", "Turn folded, pprof or .cpuprofile into another"));
  ExtractCommand extract(app.add_subcommand("extract", "Take a range out of a collector's store"));
  RecordCommand record(
      app.add_subcommand("record", "Record a program, or a running one's endpoint"));
  SymbolizeCommand symbolize(
      app.add_subcommand("symbolize", "Name what was recorded of stripped modules"));
  Words arguments(argv + 1, argv + argc);
  const std::optional<Words> after_dashes = TakeAfterDashes(&arguments);
  if (const auto code = cli::Parse(&app, arguments)) return *code;
  if (app.got_subcommand("convert")) return Finish(convert.Check(), convert);
  if (app.got_subcommand("extract")) return Finish(extract.Check(), extract);
  if (app.got_subcommand("symbolize")) return Finish(symbolize.Check(), symbolize);
  return Finish(record.Check(after_dashes), record);
}

}  // namespace stacksampler::cpuprofile
