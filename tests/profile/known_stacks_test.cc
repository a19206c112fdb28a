// SPDX-License-Identifier: MIT
#include "profile/known_stacks.h"

#include <random>
#include <string>

#include "profile/example_profiles.h"
#include "profile/folded_reader.h"
#include "profile/pprof_reader.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::Describe;

// A profile that has read other texts, and the stacks that it knows from them.
struct Reader {
  FoldedReport Read(std::string_view text) { return DecodeFoldedInto(text, &known, &profile); }

  Profile profile;
  KnownStacks known{profile};
};

// What was read is what a reader that has read nothing before makes of the text.
void CheckSame(Reader* reader, const std::string& text) {
  CAPTURE(text);
  const FoldedReport report = reader->Read(text);
  const FoldedDocument fresh = DecodeFolded(text);
  CHECK(report.elapsed_seconds == fresh.elapsed_seconds);
  CHECK(report.malformed_lines == fresh.malformed_lines);
  REQUIRE(report.first_errors.size() == fresh.first_errors.size());
  for (size_t i = 0; i < report.first_errors.size(); ++i) {
    CHECK(report.first_errors[i].line == fresh.first_errors[i].line);
    CHECK(report.first_errors[i].reason == fresh.first_errors[i].reason);
  }
  CHECK(Describe(reader->profile) == Describe(fresh.profile));
}

uint64_t Below(std::mt19937_64* random, uint64_t limit) { return (*random)() % limit; }

// Few different lines, so that most are met again, and each kind that readers stumble over.
std::string MadeUpText(std::mt19937_64* random) {
  static constexpr const char* kNames[] = {
      "main", "operator new(unsigned long)", "f", "ff", "a;b", "", "x\ty", "[unnamed]", "elapsed"};
  static constexpr const char* kCounts[] = {
      " 1", " 0", " 17", " -3", " 1x", "", " ", " 9223372036854775807", " 2\r", " 3 4"};
  std::string text = Below(random, 2) == 0 ? "" : "elapsed 2.5\ngranularity 0.01\n";
  for (uint64_t lines = Below(random, 30); lines > 0; --lines) {
    for (uint64_t frames = Below(random, 5); frames > 0; --frames) {
      text += kNames[Below(random, std::size(kNames))];
      if (frames > 1) text += ';';
    }
    text += kCounts[Below(random, Below(random, 4) == 0 ? std::size(kCounts) : 3)];
    text += '\n';
  }
  return text;
}

void Mutate(std::mt19937_64* random, std::string* text) {
  for (uint64_t times = Below(random, 4); times > 0 && !text->empty(); --times) {
    (*text)[Below(random, text->size())] = "; \n\t\r09x-"[Below(random, 9)];
  }
}

TEST_CASE("KnownStacks: texts read one after the other are read as each alone") {
  std::mt19937_64 random(20261122);
  Reader reader;
  for (int i = 0; i < 3000; ++i) {
    std::string text = MadeUpText(&random);
    Mutate(&random, &text);
    CheckSame(&reader, text);
  }
}

TEST_CASE("KnownStacks: between two texts the profile may read pprof") {
  Reader reader;
  CheckSame(&reader, "main;f 1\nmain;g 2\n");
  const Profile rich = tests::RichProfile();
  REQUIRE(DecodePprofInto(EncodePprof(rich), &reader.profile).ok());
  CHECK(Describe(reader.profile) == Describe(rich));
  CheckSame(&reader, "main;g 2\nmain;h 3\n");
}

TEST_CASE("KnownStacks: a text met again interns nothing") {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "main;caller " + std::to_string(i % 70) + ";f" + std::to_string(i) + " 1\n";
  Reader reader;
  CheckSame(&reader, text);
  const Profile before = reader.profile;
  CheckSame(&reader, text);
  CHECK(reader.profile.strings().size() == before.strings().size());
  CHECK(reader.profile.frames().size() == before.frames().size());
  CHECK(reader.profile.stacks().size() == before.stacks().size());
}

TEST_CASE("KnownStacks: every stack stays known while they come in any number") {
  Reader reader;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = "main;f" + std::to_string(i);
    StackId* const place = reader.known.Find(text);
    REQUIRE(*place == 0);
    *place = tests::InternStack(&reader.profile, {"main", "f" + std::to_string(i)});
  }
  int forgotten = 0;
  for (int i = 0; i < 20'000; ++i) {
    forgotten += *reader.known.Find("main;f" + std::to_string(i)) == 0;
  }
  CHECK(forgotten < 200);  // a handful; how many, the process's secret decides
}

}  // namespace
}  // namespace stacksampler
