// SPDX-License-Identifier: MIT
#include <map>

#include "preload/config.h"
#include "support/catch.h"

namespace stacksampler::preload {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Config> Read(const Variables& variables) {
  return ReadConfig(
      [&](const char* name) {
        const auto it = variables.find(name);
        return it == variables.end() ? nullptr : it->second.c_str();
      },
      42);
}

TEST_CASE("PreloadConfig: an empty environment asks for nothing") {
  const Result<Config> config = Read({});
  REQUIRE(config.ok());
  CHECK(config->output.empty());
  CHECK_FALSE(config->endpoint);
  CHECK_FALSE(config->duration);
}

TEST_CASE("PreloadConfig: the extension tells the format, %p is the process id") {
  const Result<Config> config = Read({{"STACKSAMPLER_OUTPUT", "/tmp/%p-%p.folded"},
                                      {"STACKSAMPLER_HZ", "1000"},
                                      {"STACKSAMPLER_SECONDS", "1.5"}});
  REQUIRE(config.ok());
  CHECK(config->output == "/tmp/42-42.folded");
  CHECK(config->format == OutputFormat::kFolded);
  CHECK(config->interval == std::chrono::milliseconds(1));
  CHECK(config->duration == std::chrono::milliseconds(1500));
  CHECK(Read({{"STACKSAMPLER_OUTPUT", "a.windows"}})->format == OutputFormat::kWindowLog);
}

TEST_CASE("PreloadConfig: a file for one process is written by the first one alone") {
  const auto output = [](const char* file, const char* writer) {
    return Read({{"STACKSAMPLER_OUTPUT", file}, {kOutputPidVariable, writer}})->output;
  };
  CHECK(output("a.pb", "41").empty());
  CHECK(output("a.pb", "42") == "a.pb");
  CHECK(output("a.%p.pb", "41") == "a.42.pb");
}

TEST_CASE("PreloadConfig: an address other than off asks for the endpoint") {
  CHECK(Read({{"STACKSAMPLER_ADDR", "127.0.0.1:16384..16390"}})->endpoint);
  CHECK_FALSE(Read({{"STACKSAMPLER_ADDR", "off"}})->endpoint);
  CHECK_FALSE(Read({{"STACKSAMPLER_ADDR", ""}})->endpoint);
}

TEST_CASE("PreloadConfig: a wrong value names the variable, the value and what is allowed") {
  CHECK(Read({{"STACKSAMPLER_OUTPUT", "a.svg"}}).status().message() ==
        "STACKSAMPLER_OUTPUT=a.svg: must be a file name in .cpuprofile, .folded, .pb or .windows");
  CHECK(Read({{"STACKSAMPLER_HZ", "2e9"}}).status().message() ==
        "STACKSAMPLER_HZ=2e9: must be from 0.1 to 1000");
  for (const char* bad : {"", "x", "-1", "nan", "1s"}) {
    CHECK_FALSE(Read({{"STACKSAMPLER_SECONDS", bad}}).ok());
  }
}

}  // namespace
}  // namespace stacksampler::preload
