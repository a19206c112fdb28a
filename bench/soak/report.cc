// SPDX-License-Identifier: MIT
#include "report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

namespace stacksampler::bench {
namespace {

constexpr double kMib = 1 << 20;
constexpr double kMostMibADay = 1;
constexpr double kMostOverBudget = 1.05;
// Threads that serve come and go with what is asked; one more a day would be thirty in a month.
constexpr double kMostADay = 1;
// The next one may be there before the end of the last was seen.
constexpr size_t kSocketsOfPeer = 2;
constexpr size_t kListeners = 4;
constexpr size_t kPollsAtOnce = 64;  // of the collector
// What a store begins with (names, caches, its first days) looks like growth in a shorter run.
constexpr double kLeastDaysForTrends = 20;

double Mib(uint64_t bytes) { return static_cast<double>(bytes) / kMib; }

// A line of the table; false, and said there, when it does not hold.
bool Line(const char* name, const std::string& text, bool holds = true) {
  std::printf("%-42s %s%s\n", name, text.c_str(), holds ? "" : "   FAILS");
  return holds;
}

[[gnu::format(printf, 1, 2)]] std::string Text(const char* format, ...) {
  char text[240];
  va_list values;
  va_start(values, format);
  std::vsnprintf(text, sizeof text, format, values);
  va_end(values);
  return text;
}

// The value of "name=value" in a line of the log.
uint64_t ValueOf(const std::string& line, const std::string& name) {
  const size_t at = line.find(" " + name + "=");
  return at == std::string::npos ? 0 : std::stoull(line.substr(at + name.size() + 2));
}

bool ReportWindows(const SoakOptions& options, const Found& found) {
  Line("simulated", Text("%.1f days at %" PRId64 " times the speed, %zu targets, %zu viewers",
                         found.days, options.rate, options.targets, options.viewers));
  Line("windows stored",
       Text("%" PRIu64 " (%" PRIu64 " offered again), %" PRIu64 " restarts, %" PRIu64 " deploys",
            found.windows, found.offered_again, found.restarts, found.deploys));
  Line("polls", Text("%" PRIu64 ", %" PRIu64 " failed, %" PRIu64 " rounds missed",
                     ValueOf(found.summary, "polls"), ValueOf(found.summary, "failed"),
                     ValueOf(found.summary, "missed_rounds")));
  const bool counted = Line("windows nobody can place in time", Text("%" PRIu64, found.lost),
                            found.lost == 0 && found.windows > 0);
  return Line("both programs",
              !found.all_lived   ? "one ended by itself"
              : found.ended_well ? "ended when told to"
                                 : "ended with an error",
              found.ended_well) &&
         counted;
}

bool ReportAnswers(const Viewers& viewers) {
  const Viewers::Counts counts = viewers.counts();
  bool holds = true;
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    const AnswerCounts& count = counts[kind];
    const std::string name = kind < Questions::kKinds
                                 ? Questions::NameOf(static_cast<Questions::Kind>(kind))
                                 : "each hour, by port";
    holds &=
        Line(("asked: " + name).c_str(),
             Text("%" PRIu64 " right, %" PRIu64 " wrong, %" PRIu64 " expired meanwhile, %" PRIu64
                  " refused (503), %" PRIu64 " without an answer",
                  count.right, count.wrong, count.expired, count.refused, count.none),
             count.wrong == 0);
  }
  for (const std::string& wrong : viewers.wrong()) std::printf("  wrong: %s\n", wrong.c_str());
  return holds && counts.back().right > 0;
}

// Sockets come and go with load, so that no trend is to be seen in them: one that is not closed
// makes them more than there can be peers.
bool ReportProcess(double days, const std::string& name, size_t peers,
                   const ProcessTrends& process) {
  const double from = days / 2;
  const bool judged = days >= kLeastDaysForTrends;
  const double resident = process.resident_at_rest_mib.SlopeFrom(from);
  const double descriptors = process.descriptors.SlopeFrom(from);
  const double threads = process.threads.SlopeFrom(from);
  const char* const note = judged ? "" : " (too few days to judge)";
  const bool memory = Line(
      (name + ": resident").c_str(),
      Text("%.1f MiB at most; at rest %.1f at the end, %+.3f MiB a day%s",
           process.resident_mib.Highest(), process.resident_at_rest_mib.Last(), resident, note),
      !judged || resident < kMostMibADay);
  const bool others =
      Line((name + ": descriptors, threads").c_str(),
           Text("%.0f and %.0f at most, %+.3f and %+.3f a day%s", process.descriptors.Highest(),
                process.threads.Highest(), descriptors, threads, note),
           !judged || (descriptors < kMostADay && threads < kMostADay));
  const double most_sockets = static_cast<double>(kSocketsOfPeer * peers + kListeners);
  const bool sockets =
      Line((name + ": sockets").c_str(),
           Text("%.0f at most, for %zu peers at once", process.sockets.Highest(), peers),
           process.sockets.Highest() <= most_sockets);
  Line((name + ": CPU").c_str(), Text("%.0f s", process.cpu_seconds));
  return memory && others && sockets;
}

bool ReportDisk(const SoakOptions& options, const DiskTrends& disk) {
  const auto part = [](const char* name, uint64_t bytes, uint64_t budget_mib) {
    const double share = Mib(bytes) / static_cast<double>(budget_mib);
    return Line(name,
                Text("%.2f MiB at most, budget %" PRIu64 " MiB: %.1f %%", Mib(bytes), budget_mib,
                     share * 100),
                share <= kMostOverBudget);
  };
  bool holds = part("disk: windows", disk.highest.windows, options.keep_mib);
  holds &= part("disk: totals of days", disk.highest.days, options.keep_days_mib);
  holds &= part("disk: both", disk.most_sealed, options.keep_mib + options.keep_days_mib);
  Line("disk: journals", Text("%.2f MiB at most", Mib(disk.highest.journals)));
  return holds;
}

}  // namespace

void ProcessTrends::Look(double day, const ProcessLook& look) {
  resident_mib.Add(day, look.resident_mib);
  descriptors.Add(day, look.descriptors);
  sockets.Add(day, look.sockets);
  threads.Add(day, look.threads);
  cpu_seconds = std::max(cpu_seconds, look.cpu_seconds);
}

void DiskTrends::Look(const DiskLook& look) {
  highest.windows = std::max(highest.windows, look.windows);
  highest.days = std::max(highest.days, look.days);
  highest.journals = std::max(highest.journals, look.journals);
  most_sealed = std::max(most_sealed, look.windows + look.days);
}

std::string ProgressLine(double day, uint64_t windows, const AnswerCounts& answers) {
  return Text("day %.2f: %" PRIu64 " windows; answers: %" PRIu64 " right, %" PRIu64 " wrong", day,
              windows, answers.right, answers.wrong);
}

bool Report(const SoakOptions& options, const Found& found, const Viewers& viewers) {
  bool holds = ReportWindows(options, found);
  holds &= ReportAnswers(viewers);
  holds &= ReportProcess(found.days, "collector", kPollsAtOnce, found.collector);
  holds &= ReportProcess(found.days, "visualizer", options.viewers + 1, found.visualizer);
  holds &= ReportDisk(options, found.disk);
  Line("all bounds hold", holds ? "yes" : "no");
  return holds;
}

}  // namespace stacksampler::bench
