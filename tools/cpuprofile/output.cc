// SPDX-License-Identifier: MIT
#include "cpuprofile/output.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <utility>

#include "base/errno_status.h"
#include "profile/cpuprofile_layout.h"
#include "profile/select.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr char kThreadLabel[] = "thread";
constexpr size_t kMaxListedThreads = 10;

std::string ThreadNames(const Profile& profile) {
  std::set<std::string> names;
  for (const Sample& sample : profile.samples()) {
    names.insert(LabelValue(profile.label_sets()[sample.labels], kThreadLabel));
  }
  names.erase("");
  std::string text;
  size_t listed = 0;
  for (const std::string& name : names) {
    if (listed++ == kMaxListedThreads) return text + ", ...";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

// Of what the samples without moments consist: a short recording's heaviest stack may be ours.
std::string WithoutMoments(const Profile& profile) {
  int64_t own = 0;
  int64_t unsampled = 0;
  int64_t others = 0;
  for (const Sample& sample : SamplesWithoutMoments(profile)) {
    const std::string& name = profile.FrameName(profile.stacks()[sample.stack].frame);
    (name == "[profiler]" ? own : name == "[unsampled]" ? unsampled : others) += sample.weight;
  }
  std::string text;
  const auto add = [&](int64_t weight, const char* what) {
    if (weight > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", weight, what);
  };
  add(own, "[profiler] (the sampler's own work, most of it when it starts)");
  add(unsampled, "[unsampled] (CPU time in which no sample was taken)");
  add(others, "whose moments were not kept");
  return text;
}

// What a reader of the file's one axis must know.
void SayLayout(const std::string& path, const Profile& profile) {
  using Axis = CpuProfileLayout::Axis;
  const CpuProfileLayout layout = LayOutCpuProfile(profile, WeighedTree(profile));
  if (profile.samples().empty()) return;
  if (layout.axis == Axis::kWeights) {
    Say(path +
        ": no sample has a moment; its stacks stand side by side, heaviest first, not in order of "
        "time");
    return;
  }
  if (layout.axis == Axis::kCpuTime) {
    Say(path +
        ": threads ran at once, so its axis is CPU time; --thread NAME gives one of them "
        "with its true times");
  }
  if (layout.weight_without_moment > 0) {
    Say(fmt::format(
        "{}: {} of its samples stand at its end, because nobody knows when they ran: {}", path,
        layout.weight_without_moment, WithoutMoments(profile)));
  }
}

}  // namespace

Result<Output> ChooseOutput(const std::string& path, std::optional<FileFormat> format,
                            FileFormat standard) {
  if (!format) format = FileFormatFromPath(path);
  if (!format && path == "-") format = standard;
  if (format) return Output{path, *format};
  return Status(
      StatusCode::kInvalidArgument,
      "the name " + path +
          " tells no format; end it in .cpuprofile, .pb.gz, .folded or .svg, or pass --to");
}

Status CheckWritable(const std::string& path) {
  if (path == "-") return Status::Ok();
  if (access(path.c_str(), F_OK) == 0) {
    return access(path.c_str(), W_OK) == 0 ? Status::Ok()
                                           : ErrnoStatus(errno, "write " + path, "pass another -o");
  }
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return access(folder.c_str(), W_OK) == 0 ? Status::Ok()
                                           : ErrnoStatus(errno, "write " + path, "pass another -o");
}

Status WriteOutput(const Output& output, const Profile& profile) {
  if (Status status = WriteProfileFile(output.path, profile, output.format); !status.ok()) {
    return status;
  }
  if (output.format == FileFormat::kCpuProfile) SayLayout(output.path, profile);
  if (output.path == "-") return Status::Ok();
  const int64_t cpu_ns = profile.TotalCpuNs();
  Say(fmt::format("{}: {} samples", output.path, profile.TotalWeight()) +
      (cpu_ns > 0 ? fmt::format(", {:.3f} s of CPU time", static_cast<double>(cpu_ns) / 1e9) : ""));
  return Status::Ok();
}

Result<Profile> KeepThread(Profile profile, const std::string& thread) {
  if (thread.empty() || profile.samples().empty()) return profile;
  Profile kept = SelectByLabels(
      profile, [&](const Labels& labels) { return LabelValue(labels, kThreadLabel) == thread; });
  if (!kept.samples().empty()) return kept;
  const std::string names = ThreadNames(profile);
  return Status(StatusCode::kNotFound, "no samples of a thread named " + thread +
                                           (names.empty() ? "; no sample has a thread's name, so "
                                                            "--thread cannot tell them apart"
                                                          : "; there are: " + names));
}

void Say(const std::string& text) { fmt::print(stderr, "cpuprofile: {}\n", text); }

}  // namespace stacksampler::cpuprofile
