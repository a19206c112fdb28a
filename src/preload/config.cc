// SPDX-License-Identifier: MIT
#include "preload/config.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "profile/window_log.h"

namespace stacksampler::preload {
namespace {

constexpr double kMinHz = 0.1;
constexpr double kMaxHz = 1000;
constexpr double kMaxSeconds = 1e6;

Status Bad(const char* variable, std::string_view value, const char* allowed) {
  return {StatusCode::kInvalidArgument,
          std::string(variable) + '=' + std::string(value) + ": must be " + allowed};
}

std::optional<double> Number(std::string_view text, double min, double max) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value >= min && value <= max)) return {};
  return value;
}

std::chrono::nanoseconds Nanoseconds(double seconds) {
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::optional<OutputFormat> FormatOf(std::string_view path) {
  if (EndsWith(path, ".cpuprofile")) return OutputFormat::kCpuProfile;
  if (EndsWith(path, ".folded") || EndsWith(path, ".txt")) return OutputFormat::kFolded;
  if (EndsWith(path, ".pb") || EndsWith(path, ".pprof")) return OutputFormat::kPprof;
  if (EndsWith(path, kWindowLogExtension)) return OutputFormat::kWindowLog;
  return {};
}

Status ReadOutput(const char* value, pid_t pid, Config* config) {
  if (value == nullptr || *value == '\0') return Status::Ok();
  const auto format = FormatOf(value);
  if (!format) {
    return Bad("STACKSAMPLER_OUTPUT", value,
               "a file name in .cpuprofile, .folded, .pb or .windows");
  }
  config->format = *format;
  config->output = value;
  for (size_t at = 0; (at = config->output.find("%p", at)) != std::string::npos;) {
    config->output.replace(at, 2, std::to_string(pid));
    config->one_file_per_process = true;
  }
  return Status::Ok();
}

Status ReadTimes(const GetVariable& get, Config* config) {
  if (const char* text = get("STACKSAMPLER_HZ"); text != nullptr) {
    const auto hz = Number(text, kMinHz, kMaxHz);
    if (!hz) return Bad("STACKSAMPLER_HZ", text, "from 0.1 to 1000");
    config->interval = Nanoseconds(1 / *hz);
  }
  if (const char* text = get("STACKSAMPLER_MODE"); text != nullptr) {
    const std::string_view mode = text;
    if (mode != "cpu" && mode != "wall") return Bad("STACKSAMPLER_MODE", mode, "cpu or wall");
    config->mode = mode == "wall" ? SamplerMode::kWall : SamplerMode::kCpu;
  }
  if (const char* text = get("STACKSAMPLER_SECONDS"); text != nullptr) {
    const auto seconds = Number(text, 0, kMaxSeconds);
    if (!seconds) return Bad("STACKSAMPLER_SECONDS", text, "from 0 to 1000000");
    config->duration = Nanoseconds(*seconds);
  }
  return Status::Ok();
}

}  // namespace

Result<Config> ReadConfig(const GetVariable& get, pid_t pid) {
  Config config;
  if (Status status = ReadOutput(get("STACKSAMPLER_OUTPUT"), pid, &config); !status.ok()) {
    return status;
  }
  if (Status status = ReadTimes(get, &config); !status.ok()) return status;
  const char* address = get("STACKSAMPLER_ADDR");  // what it says is read by the endpoint's library
  config.endpoint = address != nullptr && *address != '\0' && std::string_view(address) != "off";
  const char* writer = get(kOutputPidVariable);
  const bool another_writes = writer != nullptr && writer != std::to_string(pid);
  if (another_writes && !config.one_file_per_process) config.output.clear();
  return config;
}

}  // namespace stacksampler::preload
