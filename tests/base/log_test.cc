// SPDX-License-Identifier: MIT
#include "base/log.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("LogLine: bare values stay bare, others are quoted") {
  CHECK(LogLine(LogLevel::kInfo, "stored", {{"target", "[::1]:16384"}, {"n", "3"}}) ==
        "level=info msg=stored target=[::1]:16384 n=3");
  CHECK(LogLine(LogLevel::kError, "two words", {{"empty", ""}}) ==
        R"(level=error msg="two words" empty="")");
}

TEST_CASE("LogLine: a hostile value can neither forge a field nor reach the terminal") {
  CHECK(LogLine(LogLevel::kWarning, "bad", {{"name", "a\nlevel=info \x1b[31m\"\\"}}) ==
        R"(level=warning msg=bad name="a\x0alevel=info \x1b[31m\"\\")");
}

}  // namespace
}  // namespace stacksampler
