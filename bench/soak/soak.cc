// SPDX-License-Identifier: MIT
//
// Purpose: many days of a collector and a visualizer in an hour: their wall clock runs faster, a
//   farm of targets hands out windows that it counts itself, viewers ask and compare.
// Errors: exit 1 where a bound does not hold, with the table's line that tells it.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/end_signals.h"
#include "child.h"
#include "cli/command_line.h"
#include "cli/progress.h"
#include "farm.h"
#include "http/client.h"
#include "report.h"
#include "soak_clock.h"
#include "viewers.h"
#include "watch.h"

namespace stacksampler::bench {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr std::chrono::milliseconds kLook{20};
constexpr double kHour = 1.0 / 24;        // of a day
constexpr double kBetweenRests = 0.5;     // days
constexpr int kAnswersThatTidyHeap = 32;  // of the visualizer

struct Arguments {
  SoakOptions soak;
  double pause_seconds = 5;
  uint64_t least_hours = 1;
  uint64_t falsify_each = 0;
  std::string folder;
};

/// The one that was asked for, or one that goes with the object.
class Folder {
 public:
  explicit Folder(std::string asked_for) : path_(std::move(asked_for)), stays_(!path_.empty()) {
    if (stays_) std::filesystem::create_directories(path_);
    if (!stays_) MakeTemporary();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (!stays_) std::filesystem::remove_all(path_);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void MakeTemporary() {
    char name[] = "/tmp/soak.XXXXXX";
    if (mkdtemp(name) == nullptr) {
      std::perror(name);
      std::exit(cli::kRuntimeFailure);
    }
    path_ = name;
  }

  std::string path_;
  bool stays_;
};

void Define(CLI::App* app, Arguments* arguments) {
  SoakOptions& soak = arguments->soak;
  app->add_option(
      "--folder", arguments->folder,
      "where the store, the logs, the clock and a line of each hour are made, and left; "
      "without it somewhere, for as long as it runs");
  app->add_option("--least-hours", arguments->least_hours,
                  "goes on until so many hours of every target were checked")
      ->capture_default_str();
  app->add_option("--days", soak.days, "simulated")->capture_default_str();
  app->add_option("--rate", soak.rate, "of the clock")->capture_default_str();
  app->add_option("--interval", soak.interval_seconds, "of polls, by a real clock")
      ->capture_default_str();
  app->add_option("--targets", soak.targets)->capture_default_str();
  app->add_option("--viewers", soak.viewers)->capture_default_str();
  app->add_option("--pause", arguments->pause_seconds, "of a viewer, at most, in real seconds")
      ->capture_default_str();
  app->add_option("--keep-mib", soak.keep_mib, "budget of windows")->capture_default_str();
  app->add_option("--keep-days-mib", soak.keep_days_mib, "budget of totals of days")
      ->capture_default_str();
  app->add_option("--falsify-each", arguments->falsify_each,
                  "count every so many windows wrongly: ends well when answers are found wrong");
}

std::string Joined(const std::vector<uint16_t>& ports) {
  std::string text;
  for (const uint16_t port : ports) text += (text.empty() ? "" : ",") + std::to_string(port);
  return text;
}

void AllowDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// A program that ended by itself is reported with all that there is, so that it ends nothing here.
uint16_t PortOf(const Child& visualizer) {
  const std::string line = visualizer.AwaitLine("http://");
  return line.empty() ? uint16_t{0}
                      : static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
}

class Soak {
 public:
  explicit Soak(const Arguments& arguments)
      : arguments_(arguments),
        clock_(arguments.folder + "/clock", arguments.soak.rate),
        ledger_(clock_.shared(), arguments.soak.targets),
        farm_({arguments.soak.targets, 24 * kHourNs, arguments.falsify_each}, clock_, &bodies_,
              &ledger_),
        collector_(CollectorCommand(), clock_.path(), arguments.folder + "/collector.log"),
        // There is no store before the collector has made one.
        collects_(!collector_.AwaitLine("collecting").empty()),
        visualizer_({STACKSAMPLER_BIN_DIR "/visualizer", "--port", "0", "--dbpath", Store()},
                    clock_.path(), arguments.folder + "/visualizer.log") {}

  /// Ends the days here; what was found is reported. From any thread.
  void Stop() { stopping_ = true; }

  int Run() {
    const auto pause = std::chrono::milliseconds(std::llround(arguments_.pause_seconds * 1000));
    const uint16_t port = PortOf(visualizer_);
    Viewers viewers({arguments_.soak.viewers, pause, port, Store(), clock_.start_ns()}, ledger_,
                    bodies_, farm_.ports());
    Watch(port, &viewers);
    viewers.Stop();
    return End(viewers);
  }

 private:
  [[nodiscard]] std::string Store() const { return arguments_.folder + "/store"; }
  [[nodiscard]] std::vector<std::string> CollectorCommand() const {
    const SoakOptions& soak = arguments_.soak;
    return {STACKSAMPLER_BIN_DIR "/collector",
            "--host",
            "127.0.0.1",
            "--ports",
            Joined(farm_.ports()),
            "--interval",
            std::to_string(soak.interval_seconds),
            "--dbpath",
            Store(),
            "--keep-bytes",
            std::to_string(soak.keep_mib) + "M",
            "--keep-days-bytes",
            std::to_string(soak.keep_days_mib) + "M"};
  }
  [[nodiscard]] double Day() const {
    return static_cast<double>(clock_.Now() - clock_.start_ns()) / (24.0 * kHourNs);
  }

  // Each simulated hour, until the days are over.
  void Watch(uint16_t port, Viewers* viewers) {
    cli::Progress progress;
    std::ofstream looks(arguments_.folder + "/looks");
    looks << "day collector_mib visualizer_mib windows_bytes days_bytes journals_bytes at_rest_mib "
             "right wrong\n";
    double next = 0;
    double next_rest = kBetweenRests;
    for (double day = 0; day < arguments_.soak.days || !IsChecked(*viewers); day = Day()) {
      if (stopping_) return;
      std::this_thread::sleep_for(kLook);
      if (day < next) continue;
      next = day + kHour;
      found_.days = day;
      if (day >= next_rest) {
        next_rest += kBetweenRests;
        LookAtRest(day, port, viewers);
      }
      const AnswerCounts answers = viewers->Sum();
      looks << day << ' ' << Look(day) << ' ' << answers.right << ' ' << answers.wrong << std::endl;
      progress.Show(ProgressLine(day, ledger_.windows(), answers));
      if (!collector_.lives() || !visualizer_.lives()) return;
    }
  }

  [[nodiscard]] bool IsChecked(const Viewers& viewers) const {
    const AnswerCounts hours = viewers.counts().back();
    return hours.right + hours.wrong >= arguments_.least_hours;
  }

  // With nothing under way but polls, and free pages given back.
  void LookAtRest(double day, uint16_t port, Viewers* viewers) {
    viewers->Rest();
    for (int i = 0; i < kAnswersThatTidyHeap; ++i) (void)http::Get("127.0.0.1", port, "/");
    found_.collector.LookAtRest(day, LookAtProcess(collector_.pid()));
    found_.visualizer.LookAtRest(day, LookAtProcess(visualizer_.pid()));
    viewers->Resume();
  }

  std::string Look(double day) {
    const ProcessLook collector = LookAtProcess(collector_.pid());
    const ProcessLook visualizer = LookAtProcess(visualizer_.pid());
    const DiskLook disk = LookAtStore(Store());
    found_.collector.Look(day, collector);
    found_.visualizer.Look(day, visualizer);
    found_.disk.Look(disk);
    std::ostringstream line;
    line << collector.resident_mib << ' ' << visualizer.resident_mib << ' ' << disk.windows << ' '
         << disk.days << ' ' << disk.journals << ' '
         << found_.visualizer.resident_at_rest_mib.Last();
    return line.str();
  }

  int End(const Viewers& viewers) {
    found_.summary = collector_.LastLine("collected");
    found_.all_lived = collects_ && visualizer_.lives() && collector_.lives();
    found_.ended_well = found_.all_lived && collector_.Stop() && visualizer_.Stop();
    found_.windows = ledger_.windows();
    found_.lost = ledger_.lost();
    found_.offered_again = farm_.offered_again();
    found_.restarts = farm_.restarts();
    found_.deploys = farm_.deploys();
    const bool holds = Report(arguments_.soak, found_, viewers);
    const bool is_told = viewers.counts().back().wrong > 0;
    return (arguments_.falsify_each == 0 ? holds : is_told) ? cli::kDone : cli::kRuntimeFailure;
  }

  const Arguments& arguments_;
  std::atomic<bool> stopping_{false};
  Found found_;
  SoakClock clock_;
  Ledger ledger_;
  Bodies bodies_;
  Farm farm_;
  Child collector_;
  const bool collects_;
  Child visualizer_;
};

}  // namespace
}  // namespace stacksampler::bench

int main(int argc, char** argv) {
  using namespace stacksampler;
  bench::Arguments arguments;
  CLI::App app("Soaks a collector and a visualizer; see scripts/soak.", "soak");
  bench::Define(&app, &arguments);
  if (const auto code = cli::Parse(&app, argc, argv)) return *code;
  bench::AllowDescriptors();
  const bench::Folder folder(arguments.folder);
  arguments.folder = folder.path();
  EndSignals::Block();
  bench::Soak soak(arguments);
  const EndSignals end_signals([&] { soak.Stop(); });
  return soak.Run();
}
