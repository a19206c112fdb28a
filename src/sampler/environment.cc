// SPDX-License-Identifier: MIT
#include "sampler/environment.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "sampler/static_labels.h"

namespace stacksampler::sampling {
namespace {

constexpr double kMinHz = 0.1;
constexpr double kMaxHz = 1000;
constexpr double kNsPerSecond = 1e9;

Status ReadRate(const char* text, SamplerOptions* options) {
  if (text == nullptr) return Status::Ok();
  const auto hz = ParseNumber(text, kMinHz, kMaxHz);
  if (!hz) return BadVariable("STACKSAMPLER_HZ", text, "from 0.1 to 1000");
  options->interval = std::chrono::nanoseconds(std::llround(kNsPerSecond / *hz));
  return Status::Ok();
}

Status ReadMode(const char* text, SamplerOptions* options) {
  if (text == nullptr) return Status::Ok();
  const std::string_view mode = text;
  if (mode != "cpu" && mode != "wall") return BadVariable("STACKSAMPLER_MODE", mode, "cpu or wall");
  options->mode = mode == "wall" ? SamplerMode::kWall : SamplerMode::kCpu;
  return Status::Ok();
}

Status ReadLines(const char* text, SamplerOptions* options) {
  if (text == nullptr) return Status::Ok();
  const std::string_view lines = text;
  if (lines != "function" && lines != "running") {
    return BadVariable("STACKSAMPLER_LINES", lines, "function or running");
  }
  options->running_lines = lines == "running";
  return Status::Ok();
}

Status ReadLabels(const char* text, SamplerOptions* options) {
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return BadVariable("STACKSAMPLER_LABELS", text, "key=value,key=value");
    }
    options->labels.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  if (Status status = CheckStaticLabels(options->labels); !status.ok()) {
    return {status.code(), "STACKSAMPLER_LABELS=" + std::string(text) + ": " + status.message()};
  }
  return Status::Ok();
}

}  // namespace

Status BadVariable(const char* variable, std::string_view value, const char* allowed) {
  return {StatusCode::kInvalidArgument,
          std::string(variable) + '=' + std::string(value) + ": must be " + allowed};
}

std::optional<double> ParseNumber(std::string_view text, double min, double max) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value >= min && value <= max)) return {};
  return value;
}

GetVariable EmptyAsUnset(GetVariable get) {
  return [get = std::move(get)](const char* name) -> const char* {
    const char* const value = get(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
  };
}

Status ReadSamplerEnvironment(const GetVariable& get_raw, SamplerOptions* options) {
  const GetVariable get = EmptyAsUnset(get_raw);
  if (Status status = ReadRate(get("STACKSAMPLER_HZ"), options); !status.ok()) return status;
  if (Status status = ReadMode(get("STACKSAMPLER_MODE"), options); !status.ok()) return status;
  if (Status status = ReadLines(get("STACKSAMPLER_LINES"), options); !status.ok()) return status;
  return ReadLabels(get("STACKSAMPLER_LABELS"), options);
}

}  // namespace stacksampler::sampling
