// SPDX-License-Identifier: MIT
#include "preload/config.h"

#include <cmath>
#include <string_view>

#include "profile/window_log.h"

namespace stacksampler::preload {
namespace {

using sampling::BadVariable;
using sampling::GetVariable;

constexpr std::string_view kGzipExtension = ".gz";
constexpr double kMaxSeconds = 1e6;
constexpr double kNsPerSecond = 1e9;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::optional<OutputFormat> FormatOf(std::string_view path) {
  if (EndsWith(path, kWindowLogExtension)) return OutputFormat::kWindowLog;
  if (EndsWith(path, kGzipExtension)) path.remove_suffix(kGzipExtension.size());
  if (EndsWith(path, ".cpuprofile")) return OutputFormat::kCpuProfile;
  if (EndsWith(path, ".folded") || EndsWith(path, ".txt")) return OutputFormat::kFolded;
  if (EndsWith(path, ".pb") || EndsWith(path, ".pprof")) return OutputFormat::kPprof;
  return {};
}

Status ReadOutput(const char* value, pid_t pid, Config* config) {
  if (value == nullptr) return Status::Ok();
  const auto format = FormatOf(value);
  if (!format) {
    return BadVariable(
        "STACKSAMPLER_OUTPUT", value,
        "a file name in .cpuprofile, .folded, .pb, one of these with .gz, or .windows");
  }
  config->format = *format;
  config->gzip = EndsWith(value, kGzipExtension);
  config->output = value;
  for (size_t at = 0; (at = config->output.find("%p", at)) != std::string::npos;) {
    config->output.replace(at, 2, std::to_string(pid));
    config->one_file_per_process = true;
  }
  return Status::Ok();
}

Status ReadDuration(const char* text, Config* config) {
  if (text == nullptr) return Status::Ok();
  const auto seconds = sampling::ParseNumber(text, 0, kMaxSeconds);
  if (!seconds) return BadVariable("STACKSAMPLER_SECONDS", text, "from 0 to 1000000");
  config->duration = std::chrono::nanoseconds(std::llround(*seconds * kNsPerSecond));
  return Status::Ok();
}

// What it says is read by the endpoint's library.
bool HoldsAddress(const char* address) {
  return address != nullptr && std::string_view(address) != "off";
}

Status ReadFollow(const char* text, Config* config) {
  if (text == nullptr) return Status::Ok();
  const std::string_view value = text;
  config->follow_fork = value == "fork" || value == "fork,exec" || value == "exec,fork";
  config->follow_exec = value == "exec" || (config->follow_fork && value != "fork");
  if (config->follow_fork || config->follow_exec || value == "none") return Status::Ok();
  return BadVariable("STACKSAMPLER_FOLLOW", value, "fork, exec, \"fork,exec\" or none");
}

// A child must not write its parent's file, nor fight for its port.
Status CheckRoomForChildren(const char* follow, const char* address, const Config& config) {
  if (!config.follow_fork) return Status::Ok();
  if (!config.output.empty() && !config.one_file_per_process) {
    return BadVariable("STACKSAMPLER_FOLLOW", follow,
                       "used with %p in STACKSAMPLER_OUTPUT, a file for each process");
  }
  const std::string_view place = config.endpoint ? address : "";
  const bool has_range = place.find("..") != std::string_view::npos && place.rfind("unix:", 0) != 0;
  if (config.endpoint && !has_range) {
    return BadVariable("STACKSAMPLER_FOLLOW", follow,
                       "used with a range in STACKSAMPLER_ADDR, a port for each process");
  }
  return Status::Ok();
}

}  // namespace

Result<Config> ReadConfig(const GetVariable& get_raw, pid_t pid) {
  const GetVariable get = sampling::EmptyAsUnset(get_raw);
  Config config;
  const char* const address = get("STACKSAMPLER_ADDR");
  const char* const follow = get("STACKSAMPLER_FOLLOW");
  config.endpoint = HoldsAddress(address);
  Status status = ReadOutput(get("STACKSAMPLER_OUTPUT"), pid, &config);
  if (status.ok()) status = ReadDuration(get("STACKSAMPLER_SECONDS"), &config);
  if (status.ok()) status = sampling::ReadSamplerEnvironment(get, &config.sampler);
  if (status.ok()) status = ReadFollow(follow, &config);
  if (status.ok()) status = CheckRoomForChildren(follow, address, config);
  if (!status.ok()) return status;
  const char* writer = get(kOutputPidVariable);
  const bool another_writes = writer != nullptr && writer != std::to_string(pid);
  if (another_writes && !config.one_file_per_process) config.output.clear();
  return config;
}

}  // namespace stacksampler::preload
