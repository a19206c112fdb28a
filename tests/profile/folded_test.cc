// SPDX-License-Identifier: MIT
#include "stacksampler/folded.h"

#include <map>

#include "profile/example_profiles.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::InternStack;

TEST_CASE("FoldedWriter: lines by falling weight, ties by name, equal lines added up") {
  Profile profile;
  profile.AddSample(InternStack(&profile, {"main", "b"}), 0, 2, 0);
  profile.AddSample(InternStack(&profile, {"main", "a"}), 0, 2, 0);
  const StackId hot = InternStack(&profile, {"main", "std::map<int, long>::find"});
  profile.AddSample(hot, profile.InternLabels({{"thread", "x"}}), 4, 0);
  profile.AddSample(hot, 0, 3, 0);
  profile.AddSample(InternStack(&profile, {"only CPU time"}), 0, 0, 5);
  CHECK(EncodeFolded(profile) == "main;std::map<int, long>::find 7\nmain;a 2\nmain;b 2\n");
}

TEST_CASE("FoldedWriter: prints the original's two header lines when asked") {
  Profile profile;
  profile.start_ns = 1000000000;
  profile.end_ns = 3500000000;
  profile.period_ns = 5000000;
  profile.AddSample(InternStack(&profile, {"f"}), 0, 1, 5000000);
  CHECK(EncodeFolded(profile, {true, ""}) == "elapsed 2.5\ngranularity 0.005\nf 1\n");
}

TEST_CASE("FoldedWriter: a label becomes the root frame, its absence is named") {
  Profile profile;
  const StackId stack = InternStack(&profile, {"f"});
  profile.AddSample(stack, profile.InternLabels({{"thread", "io;1"}}), 2, 0);
  profile.AddSample(stack, 0, 1, 0);
  CHECK(EncodeFolded(profile, {false, "thread"}) == "io:1;f 2\n[no thread];f 1\n");
}

TEST_CASE("FoldedWriter: full names are whole declarations, shown ones where there is no other") {
  Profile profile;
  Frame frame;
  frame.name = profile.InternString("find");
  frame.mangled_name = profile.InternString("_Z4findRKSt6vectorIiSaIiEE.cold");
  Frame overload = frame;
  overload.mangled_name = profile.InternString("_Z4findi@@V1");
  Frame c = frame;
  c.mangled_name = profile.InternString("qsort");
  StackId stack = profile.InternStack(0, profile.InternFrame("main"));
  for (const Frame& next : {frame, overload, c}) {
    stack = profile.InternStack(stack, profile.InternFrame(next));
  }
  profile.AddSample(stack, 0, 1, 0);
  CHECK(EncodeFolded(profile) == "main;find;find;find 1\n");
  CHECK(
      EncodeFolded(profile, {.full_names = true}) ==
      "main;find(std::vector<int, std::allocator<int> > const&) [clone .cold];find(int);qsort 1\n");
}

TEST_CASE("FoldedWriter: past a limit the heaviest lines stay, the others' sum is the last line") {
  Profile profile;
  const LabelSetId one = profile.InternLabels({{"thread", "one"}});
  const LabelSetId two = profile.InternLabels({{"thread", "two"}});
  const StackId root = profile.InternStack(0, profile.InternFrame("main"));
  for (int i = 0; i < 100; ++i) {
    const StackId leaf = profile.InternStack(root, profile.InternFrame("f" + std::to_string(i)));
    profile.AddSample(leaf, i % 2 ? one : two, i + 1, 0);
    profile.AddSample(leaf, two, 1000, 0);
  }
  CHECK(EncodeFolded(profile, {.max_lines = 2}) ==
        "main;f99 1100\nmain;f98 1099\n[omitted] " +
            std::to_string(profile.TotalWeight() - 1100 - 1099) + "\n");
  const std::string all = EncodeFolded(profile);
  CHECK(EncodeFolded(profile, {.max_lines = 100, .max_bytes = all.size()}) == all);
  for (const char* label : {"", "thread"}) {
    for (const size_t max_bytes : {size_t{0}, size_t{20}, all.size() / 2, all.size() - 1}) {
      const std::string text = EncodeFolded(profile, {.root_label = label, .max_bytes = max_bytes});
      const size_t last = text.rfind("[omitted] ");
      REQUIRE(last != std::string::npos);
      CHECK(last <= max_bytes);
      CHECK(DecodeFolded(text).profile.TotalWeight() == profile.TotalWeight());
    }
  }
}

TEST_CASE("FoldedWriter: no name can break a line") {
  CHECK(EscapeFoldedFrame("a;b\nc\td\x7f e") == "a:b c d  e");
  CHECK(EscapeFoldedFrame("") == "[unnamed]");
  Profile profile;
  profile.AddSample(0, 0, 1, 0);
  CHECK(EncodeFolded(profile) == "[no stack] 1\n");
}

TEST_CASE("FoldedReader: the last space splits, names keep theirs") {
  const auto document = DecodeFolded("main;operator new(unsigned long) 3\nmain 1");
  CHECK(document.malformed_lines == 0);
  CHECK(EncodeFolded(document.profile) == "main;operator new(unsigned long) 3\nmain 1\n");
}

TEST_CASE("FoldedReader: reads the header lines, CRLF and blank lines") {
  const auto document = DecodeFolded("elapsed 2.5\r\ngranularity 0.005\r\n\r\na;b 4\r\n\n");
  CHECK(document.malformed_lines == 0);
  CHECK(document.elapsed_seconds == 2.5);
  CHECK(document.profile.period_ns == 5000000);
  CHECK(document.profile.TotalWeight() == 4);
  CHECK(document.profile.TotalCpuNs() == 20000000);
}

TEST_CASE("FoldedReader: functions named as header lines keep their weight") {
  for (const char* text :
       {"elapsed 9\nf 1\n", "granularity 9\nf 1\n", "elapsed 9\nf 1\ngranularity 9\n",
        "elapsed 1\ngranularity 1\nelapsed 9\ngranularity 1\n"}) {
    CAPTURE(text);
    CHECK(DecodeFolded(text).profile.TotalWeight() >= 10);
  }
}

TEST_CASE("FoldedReader: seconds that cannot be make no header") {
  for (const char* seconds : {"inf", "nan", "-1", "1e300", "1x", ""}) {
    CAPTURE(seconds);
    const auto document =
        DecodeFolded(std::string("elapsed ") + seconds + "\ngranularity 1\nf 1\n");
    CHECK(document.elapsed_seconds == 0);
    CHECK(document.profile.period_ns == 0);
    CHECK(document.profile.TotalWeight() >= 2);  // "granularity" is a function
  }
}

TEST_CASE("FoldedReader: leaves out the line whose CPU time would pass 2^63 ns in sum") {
  const auto document = DecodeFolded("elapsed 1\ngranularity 5\na 1500000000\nb 1500000000\nc 1\n");
  CHECK(document.malformed_lines == 1);
  REQUIRE(document.first_errors.size() == 1);
  CHECK(document.first_errors[0].line == 4);
  CHECK(document.profile.TotalWeight() == 1500000001);
}

TEST_CASE("FoldedReader: after the first stack \"elapsed\" is a function") {
  const auto document = DecodeFolded("f 1\nelapsed 2\n");
  CHECK(document.elapsed_seconds == 0);
  CHECK(EncodeFolded(document.profile) == "elapsed 2\nf 1\n");
}

TEST_CASE("FoldedReader: rejects a line without a count, naming the line") {
  const auto document =
      DecodeFolded("a;b 1\nword\na;b \na;b -3\na;b 1.5\n 7\na;b 9223372036854775808\na;b 0\n");
  CHECK(document.malformed_lines == 6);
  REQUIRE(document.first_errors.size() == 6);
  CHECK(document.first_errors[0].line == 2);
  CHECK(document.first_errors[0].reason == "no space before a count: \"word\"");
  CHECK(document.first_errors[5].line == 7);
  CHECK(document.profile.TotalWeight() == 1);
}

TEST_CASE("FoldedReader: quotes a bad line as it came, with its control characters spelled") {
  const auto document = DecodeFolded("x;y\x1b[31m no count\n");
  REQUIRE(document.first_errors.size() == 1);
  CHECK(document.first_errors[0].reason.find("\"x;y\\u{1b}[31m no count\"") != std::string::npos);
}

TEST_CASE("FoldedReader: counts what it does not list") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "no count here\x1b[31m\n";
  const auto document = DecodeFolded(text);
  CHECK(document.malformed_lines == 100);
  REQUIRE(document.first_errors.size() == kMaxFoldedErrors);
  CHECK(document.first_errors[7].line == 8);
  CHECK(document.first_errors[7].reason.find('\x1b') == std::string::npos);
}

TEST_CASE("FoldedReader: a sum past 2^63 is malformed, not wrapped") {
  const auto document = DecodeFolded("a 9223372036854775807\nb 1\n");
  CHECK(document.malformed_lines == 1);
  CHECK(document.profile.TotalWeight() == INT64_MAX);
  CHECK(document.profile.Validate().ok());
}

TEST_CASE("FoldedReader: names met again, however many, stay what they were") {
  // More than are remembered at once, in two orders, and some that mean the same escaped.
  constexpr int kNames = 40'000;
  std::string text;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = "n" + std::to_string(i % 3 == 0 ? kNames - i : i);
    text += name + ";;" + name + "\tx;" + name + " x 1\n";
  }
  const FoldedDocument document = DecodeFolded(text);
  CHECK(document.malformed_lines == 0);
  std::map<std::string, int64_t> expected;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = "n" + std::to_string(i % 3 == 0 ? kNames - i : i);
    ++expected[name + ";[unnamed];" + name + " x;" + name + " x"];
  }
  std::map<std::string, int64_t> found;
  for (const Sample& sample : document.profile.samples()) {
    std::string stack;
    for (const FrameId frame : document.profile.StackFrames(sample.stack)) {
      stack += (stack.empty() ? "" : ";") + document.profile.FrameName(frame);
    }
    found[stack] += sample.weight;
  }
  CHECK((found == expected));
}

TEST_CASE("Folded: text survives a round trip") {
  const std::string text = EncodeFolded(tests::RichProfile());
  CHECK(EncodeFolded(DecodeFolded(text).profile) == text);
}

}  // namespace
}  // namespace stacksampler
