// SPDX-License-Identifier: MIT
#include "cli/suggest.h"

#include "support/catch.h"

namespace stacksampler::cli {
namespace {

TEST_CASE("Nearest: slips of the keyboard are forgiven, other words are not") {
  const std::vector<std::string> commands = {"record", "convert", "symbolize"};
  CHECK(Nearest("recrod", commands) == "record");
  CHECK(Nearest("recor", commands) == "record");
  CHECK(Nearest("symbolise", commands) == "symbolize");
  CHECK(Nearest("ls", commands).empty());
  CHECK(Nearest("profile", commands).empty());
  CHECK(Nearest("", commands).empty());
  CHECK(Nearest("--port", {"--host", "--ports"}) == "--ports");
}

TEST_CASE("UnknownWord: names the word, the command it stands behind, and what was meant") {
  CLI::App app("", "tool");
  CLI::App* sub = app.add_subcommand("check");
  bool flag = false;
  sub->add_flag("--repair", flag);
  CHECK(UnknownWord(*sub, "--repiar=1") ==
        "--repiar: no such option of tool check; did you mean --repair?");
  CHECK(UnknownWord(app, "--bogus") == "--bogus: no such option of tool");
  CHECK(UnknownWord(app, "chekc") == "chekc: no such command of tool; did you mean check?");
  CHECK(UnknownWord(*sub, "second") == "second: one word too many");
}

TEST_CASE("NumberFrom: a number in its range passes, all else is told what to write") {
  CLI::Validator seconds = NumberFrom(0.1, 86400, "write seconds, such as 600");
  std::string good = "0.5";
  std::string bad = "10m";
  std::string empty;
  std::string nan = "nan";
  CHECK(seconds(good).empty());
  CHECK(seconds(bad) == "'10m': write seconds, such as 600, from 0.1 to 86400");
  CHECK_FALSE(seconds(empty).empty());
  CHECK_FALSE(seconds(nan).empty());
}

}  // namespace
}  // namespace stacksampler::cli
