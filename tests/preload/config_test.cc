// SPDX-License-Identifier: MIT
#include <map>
#include <string>
#include <utility>

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

TEST_CASE("PreloadConfig: an empty variable counts as not set") {
  Variables empty;
  for (const char* name :
       {"STACKSAMPLER_OUTPUT", "STACKSAMPLER_SECONDS", "STACKSAMPLER_ADDR", "STACKSAMPLER_FOLLOW",
        "STACKSAMPLER_HZ", "STACKSAMPLER_MODE", "STACKSAMPLER_LINES", "STACKSAMPLER_LABELS"}) {
    empty[name] = "";
  }
  const Result<Config> none = Read(empty);
  REQUIRE(none.status().message().empty());
  CHECK_FALSE(none->asks_for_something());
  CHECK_FALSE(none->duration);
  CHECK_FALSE(none->follow_fork);
  CHECK(none->follow_exec);
  CHECK(none->sampler.interval == SamplerOptions().interval);
  CHECK(none->sampler.mode == SamplerMode::kCpu);
  CHECK_FALSE(none->sampler.running_lines);
  CHECK(none->sampler.labels.empty());
  CHECK(Read({{"STACKSAMPLER_OUTPUT", "a.pb"}, {kOutputPidVariable, ""}})->output == "a.pb");
}

TEST_CASE("PreloadConfig: the extension tells the format, %p is the process id") {
  const Result<Config> config = Read({{"STACKSAMPLER_OUTPUT", "/tmp/%p-%p.folded"},
                                      {"STACKSAMPLER_HZ", "1000"},
                                      {"STACKSAMPLER_SECONDS", "1.5"}});
  REQUIRE(config.ok());
  CHECK(config->output == "/tmp/42-42.folded");
  CHECK(config->format == OutputFormat::kFolded);
  CHECK(config->sampler.interval == std::chrono::milliseconds(1));
  CHECK(config->duration == std::chrono::milliseconds(1500));
  CHECK_FALSE(config->gzip);
  CHECK(Read({{"STACKSAMPLER_OUTPUT", "a.windows"}})->format == OutputFormat::kWindowLog);
  const Result<Config> packed = Read({{"STACKSAMPLER_OUTPUT", "a.pb.gz"}});
  REQUIRE(packed.ok());
  CHECK(packed->format == OutputFormat::kPprof);
  CHECK(packed->gzip);
  CHECK_FALSE(Read({{"STACKSAMPLER_OUTPUT", "a.windows.gz"}}).ok());
}

TEST_CASE("PreloadConfig: a file for one process is written by the first one alone") {
  const auto output = [](const char* file, const char* writer) {
    return Read({{"STACKSAMPLER_OUTPUT", file}, {kOutputPidVariable, writer}})->output;
  };
  CHECK(output("a.pb", "41").empty());
  CHECK(output("a.pb", "42") == "a.pb");
  CHECK(output("a.%p.pb", "41") == "a.42.pb");
}

TEST_CASE("PreloadConfig: CPU time is sampled unless all time is asked for") {
  CHECK(Read({})->sampler.mode == SamplerMode::kCpu);
  CHECK(Read({{"STACKSAMPLER_MODE", "cpu"}})->sampler.mode == SamplerMode::kCpu);
  CHECK(Read({{"STACKSAMPLER_MODE", "wall"}})->sampler.mode == SamplerMode::kWall);
}

TEST_CASE("PreloadConfig: frames have their functions' lines unless those that ran are asked for") {
  CHECK_FALSE(Read({{"STACKSAMPLER_LINES", "function"}})->sampler.running_lines);
  CHECK(Read({{"STACKSAMPLER_LINES", "running"}})->sampler.running_lines);
}

TEST_CASE("PreloadConfig: an address other than off asks for the endpoint") {
  CHECK(Read({{"STACKSAMPLER_ADDR", "127.0.0.1:16384..16390"}})->endpoint);
  CHECK_FALSE(Read({{"STACKSAMPLER_ADDR", "off"}})->endpoint);
  CHECK_FALSE(Read({{"STACKSAMPLER_ADDR", ""}})->endpoint);
}

TEST_CASE("PreloadConfig: labels are pairs, separated by commas") {
  const Labels expected = {{"service", "web"}, {"zone", "a=b"}, {"empty", ""}};
  CHECK(Read({{"STACKSAMPLER_LABELS", "service=web,zone=a=b,empty="}})->sampler.labels == expected);
  CHECK(Read({{"STACKSAMPLER_LABELS", ""}})->sampler.labels.empty());
  for (const char* bad : {"web", "=web", "a=b,,c=d", "a=b,c", "thread=x", "a=b,a=c"}) {
    const Result<Config> config = Read({{"STACKSAMPLER_LABELS", bad}});
    INFO(bad);
    CHECK(config.status().message().find(std::string("STACKSAMPLER_LABELS=") + bad + ": ") == 0);
  }
}

TEST_CASE("PreloadConfig: executed programs are followed, forked ones on request") {
  const auto follows = [](const char* value) {
    const Result<Config> config =
        Read({{"STACKSAMPLER_FOLLOW", value}, {"STACKSAMPLER_OUTPUT", "%p.pb"}});
    REQUIRE(config.ok());
    return std::pair(config->follow_fork, config->follow_exec);
  };
  CHECK(follows("none") == std::pair(false, false));
  CHECK(follows("exec") == std::pair(false, true));
  CHECK(follows("fork") == std::pair(true, false));
  CHECK(follows("fork,exec") == std::pair(true, true));
  CHECK_FALSE(Read({})->follow_fork);
  CHECK(Read({})->follow_exec);
}

TEST_CASE("PreloadConfig: following forks takes a file and a port for each process") {
  const auto message = [](const char* variable, const char* value) {
    return Read({{"STACKSAMPLER_FOLLOW", "fork"}, {variable, value}}).status().message();
  };
  CHECK(message("STACKSAMPLER_OUTPUT", "a.pb").find("with %p in STACKSAMPLER_OUTPUT") !=
        std::string::npos);
  CHECK(message("STACKSAMPLER_ADDR", "localhost:1").find("a range in STACKSAMPLER_ADDR") !=
        std::string::npos);
  CHECK(message("STACKSAMPLER_ADDR", "unix:/run/a..b").find("a range in STACKSAMPLER_ADDR") !=
        std::string::npos);
  CHECK(message("STACKSAMPLER_ADDR", "localhost:1..9").empty());
}

TEST_CASE("PreloadConfig: a wrong value names the variable, the value and what is allowed") {
  CHECK(Read({{"STACKSAMPLER_OUTPUT", "a.svg"}}).status().message() ==
        "STACKSAMPLER_OUTPUT=a.svg: must be a file name in .cpuprofile, .folded, .pb, one of these "
        "with .gz, or .windows");
  CHECK(Read({{"STACKSAMPLER_FOLLOW", "all"}}).status().message() ==
        "STACKSAMPLER_FOLLOW=all: must be fork, exec, \"fork,exec\" or none");
  CHECK(Read({{"STACKSAMPLER_HZ", "2e9"}}).status().message() ==
        "STACKSAMPLER_HZ=2e9: must be from 0.1 to 1000");
  CHECK(Read({{"STACKSAMPLER_MODE", "real"}}).status().message() ==
        "STACKSAMPLER_MODE=real: must be cpu or wall");
  CHECK(Read({{"STACKSAMPLER_LINES", "all"}}).status().message() ==
        "STACKSAMPLER_LINES=all: must be function or running");
  for (const char* bad : {"x", "-1", "nan", "1s"}) {
    CHECK_FALSE(Read({{"STACKSAMPLER_SECONDS", bad}}).ok());
  }
}

}  // namespace
}  // namespace stacksampler::preload
