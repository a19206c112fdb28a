// SPDX-License-Identifier: MIT
#include "profile/example_profiles.h"

#include <algorithm>

namespace stacksampler::tests {
namespace {

constexpr int64_t kStartNs = 1700000000000000000;
constexpr int64_t kPeriodNs = 10000000;

FrameId FrameIn(Profile* profile, MappingId mapping, std::string_view name,
                std::string_view mangled, std::string_view file, uint32_t line, bool inlined) {
  return profile->InternFrame({profile->InternString(name), profile->InternString(mangled), mapping,
                               profile->InternString(file), line, inlined});
}

std::string StackText(const Profile& profile, StackId stack) {
  std::string text;
  for (const FrameId id : profile.StackFrames(stack)) {
    const Frame& frame = profile.frames()[id];
    const Mapping& mapping = profile.mappings()[frame.mapping];
    text += " | " + profile.String(frame.name) + " (" + profile.String(frame.mangled_name) + ") " +
            profile.String(mapping.module) + ' ' + profile.String(mapping.build_id) + ' ' +
            profile.String(frame.file) + ':' + std::to_string(frame.line) +
            (frame.inlined ? " inlined" : "");
  }
  return text;
}

std::string LabelText(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text.append(" ").append(key).append("=").append(value);
  return text;
}

template <typename SampleOrMoment>
std::string Describe(const Profile& profile, const SampleOrMoment& s) {
  return std::to_string(s.weight) + ' ' + std::to_string(s.cpu_ns) +
         LabelText(profile.label_sets()[s.labels]) + StackText(profile, s.stack);
}

}  // namespace

Profile RichProfile() {
  Profile profile;
  profile.start_ns = kStartNs;
  profile.end_ns = kStartNs + 60000000000;
  profile.period_ns = kPeriodNs;
  const MappingId program = profile.InternMapping("/usr/bin/demo", "c0ffee");
  const MappingId library = profile.InternMapping("/lib/libz.so.1", "");
  const FrameId main = FrameIn(&profile, program, "main", "main", "/src/main.cc", 12, false);
  const FrameId serve = FrameIn(&profile, program, "Serve<std::pair<int, long> >", "_Z5ServeI",
                                "/src/serve.cc", 40, false);
  const FrameId parse = FrameIn(&profile, program, "Parse", "_Z5Parse", "/src/parse.h", 7, true);
  const FrameId trim = FrameIn(&profile, program, "Trim", "_Z4Trim", "/src/trim.h", 3, true);
  const FrameId inflate = FrameIn(&profile, library, "[libz.so.1+0x1f3c]", "", "", 0, false);

  const StackId in_serve = profile.InternStack(profile.InternStack(0, main), serve);
  const StackId in_parse = profile.InternStack(in_serve, parse);
  const StackId in_trim = profile.InternStack(in_parse, trim);
  const StackId in_inflate = profile.InternStack(in_trim, inflate);
  const LabelSetId worker = profile.InternLabels({{"thread", "worker 1"}, {"handler", ""}});
  const LabelSetId idle = profile.InternLabels({{"thread", "w2"}});
  profile.AddSample(in_trim, worker, 3, 3 * kPeriodNs);
  profile.AddSample(in_inflate, worker, 5, 5 * kPeriodNs);
  profile.AddSample(in_serve, idle, 1, kPeriodNs);
  profile.AddSample(in_parse, 0, 2, 2 * kPeriodNs);
  return profile;
}

Profile TimedProfile() {
  Profile profile = RichProfile();
  const std::vector<Sample> samples = profile.samples();
  for (const Sample& sample : samples) {
    profile.AddTimedSample({kStartNs + sample.weight * 1000000, sample.stack, sample.labels,
                            sample.weight, sample.cpu_ns});
  }
  return profile;
}

Profile AbaaaProfile() {
  Profile profile;
  profile.period_ns = kPeriodNs;
  profile.start_ns = kStartNs;
  const StackId a = InternStack(&profile, {"main", "a"});
  const StackId b = InternStack(&profile, {"main", "b"});
  int64_t now_ns = kStartNs;
  for (const StackId stack : {a, b, a, a, a}) {
    now_ns += kPeriodNs;
    profile.AddTimedSample({now_ns, stack, 0, 1, kPeriodNs});
  }
  profile.end_ns = now_ns;
  return profile;
}

std::vector<std::string> Describe(const Profile& profile) {
  std::vector<std::string> lines;
  for (const Sample& sample : profile.samples()) lines.push_back(Describe(profile, sample));
  std::sort(lines.begin(), lines.end());
  lines.push_back(std::to_string(profile.start_ns) + ' ' + std::to_string(profile.end_ns) + ' ' +
                  std::to_string(profile.period_ns));
  for (const TimedSample& timed : profile.timeline()) {
    lines.push_back(std::to_string(timed.time_ns) + ": " + Describe(profile, timed));
  }
  return lines;
}

}  // namespace stacksampler::tests
