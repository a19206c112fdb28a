// SPDX-License-Identifier: MIT
#include "cli/range.h"

#include <CLI/CLI.hpp>
#include <chrono>

#include "base/time_phrase.h"
#include "base/zone_names.h"

namespace stacksampler::cli {
namespace {

struct Clock {
  int64_t now_ns;
  TimeZone zone;
};

int64_t NowNs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Status ReadMoment(const char* option, const std::string& text, const Clock& clock, TimeEdge edge,
                  int64_t* ns) {
  if (text.empty()) return Status::Ok();
  const TimePhrase phrase = ParseTimePhrase(text, clock.now_ns, edge, clock.zone);
  if (!phrase.ok) {
    return {StatusCode::kInvalidArgument, std::string(option) + " '" + text + "': " + phrase.error};
  }
  *ns = phrase.ns;
  return Status::Ok();
}

std::string OrAll(const std::string& text) { return text.empty() ? "all" : text; }

}  // namespace

void AddRange(CLI::App* app, RangeWords* words) {
  app->add_option("--from", words->from,
                  "Begin of the range, such as -1day (" + OrAll(words->from) + ")")
      ->type_name("TIME");
  app->add_option("--until", words->until, "End of the range (" + OrAll(words->until) + ")")
      ->type_name("TIME");
  app->add_option("--tz", words->zone,
                  "Zone of days and times of day, such as Europe/Berlin (" + words->zone + ")")
      ->type_name("ZONE");
}

Status ReadRange(const RangeWords& words, int64_t* from_ns, int64_t* until_ns) {
  const auto zone = FindTimeZone(words.zone);
  if (!zone) {
    return {StatusCode::kInvalidArgument,
            "--tz '" + words.zone +
                "': expected a time zone such as UTC, +02:00 or Europe/Berlin, as in " +
                kZoneFolder};
  }
  const Clock clock = {NowNs(), *zone};
  Status status = ReadMoment("--from", words.from, clock, TimeEdge::kFrom, from_ns);
  if (!status.ok()) return status;
  return ReadMoment("--until", words.until, clock, TimeEdge::kUntil, until_ns);
}

}  // namespace stacksampler::cli
