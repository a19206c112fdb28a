// SPDX-License-Identifier: MIT
#include "profile/file_format.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/gzip.h"
#include "profile/example_profiles.h"
#include "profile/whole_file.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler {
namespace {

constexpr FileFormat kAll[] = {FileFormat::kFolded, FileFormat::kPprof, FileFormat::kCpuProfile};

TEST_CASE("FileFormat: names and extensions") {
  for (const FileFormat format : kAll) CHECK(FileFormatFromName(FileFormatName(format)) == format);
  CHECK_FALSE(FileFormatFromName("png"));
  CHECK(FileFormatFromPath("a.folded") == FileFormat::kFolded);
  CHECK(FileFormatFromPath("a.txt.gz") == FileFormat::kFolded);
  CHECK(FileFormatFromPath("a.pb.gz") == FileFormat::kPprof);
  CHECK(FileFormatFromPath("a.pprof") == FileFormat::kPprof);
  CHECK(FileFormatFromPath("dir.pb/a.cpuprofile") == FileFormat::kCpuProfile);
  CHECK_FALSE(FileFormatFromPath("a.json"));
  CHECK(FileFormatFromPath("a.speedscope.json.gz") == FileFormat::kSpeedscope);
  for (const FileFormat format : kFileFormats) {
    CHECK(FileFormatFromName(FileFormatName(format)) == format);
    CHECK(FileFormatFromPath(std::string("a") + FileFormatExtension(format)) == format);
  }
}

TEST_CASE("FileFormat: what is only written is refused as input, by name") {
  const Profile profile = tests::RichProfile();
  for (const FileFormat format :
       {FileFormat::kSpeedscope, FileFormat::kCallgrind, FileFormat::kDot, FileFormat::kSvg}) {
    CHECK_FALSE(IsReadable(format));
    const auto loaded = ParseProfile("x", SerializeProfile(profile, format), format);
    CHECK(loaded.status().message() ==
          std::string("read x: ") + FileFormatName(format) + " is written, not read");
  }
}

TEST_CASE("FileFormat: the content tells the format, packed or not") {
  const Profile profile = tests::RichProfile();
  for (const FileFormat format : kAll) {
    const std::string bytes = SerializeProfile(profile, format);
    for (const std::string& packed : {bytes, GzipCompress(bytes)}) {
      if (format == FileFormat::kPprof && packed != bytes) continue;  // it is packed already
      const auto loaded = ParseProfile("x", packed);
      REQUIRE(loaded.status().message() == "");
      CHECK(EncodeFolded(loaded->profile) == EncodeFolded(profile));
    }
  }
  CHECK(FileFormatFromContent(EncodePprof(profile)) == FileFormat::kPprof);
  CHECK(FileFormatFromContent(" \n{}") == FileFormat::kCpuProfile);
  CHECK(FileFormatFromContent("operator{} 1") == FileFormat::kFolded);
}

TEST_CASE("FileFormat: errors name the file and what is wrong") {
  CHECK(ParseProfile("a.folded", "").status().message() == "read a.folded: empty; not a profile");
  CHECK(ParseProfile("a.folded", "hello\n").status().message() ==
        "read a.folded: no folded stacks; line 1: no space before a count: \"hello\"");
  CHECK(ParseProfile("a.pb.gz", "\x1f\x8b garbage").status().message().substr(0, 19) ==
        "read a.pb.gz: gzip:");
  CHECK(ParseProfile("a", "a 1\n", FileFormat::kCpuProfile).status().message() ==
        "read a: cpuprofile: not JSON; it is cut short, or no .cpuprofile: save it anew");
  CHECK(ReadProfileFile("/nowhere/a.pb").status().message() ==
        "open /nowhere/a.pb: No such file or directory; check the name");
}

TEST_CASE("FileFormat: malformed folded lines become warnings, all of them counted") {
  std::string text = "main 1\n";
  for (int i = 0; i < 20; ++i) text += "bad\n";
  const auto loaded = ParseProfile("x", text);
  REQUIRE(loaded.ok());
  REQUIRE(loaded->warnings.size() == kMaxFoldedErrors + 1);
  CHECK(loaded->warnings[0] == "line 2: no space before a count: \"bad\"");
  CHECK(loaded->warnings.back() == "12 more malformed lines");
}

TEST_CASE("WholeFile: writes replace the file and leave nothing else behind") {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "a.folded";
  REQUIRE(WriteWholeFile(path, "old").ok());
  REQUIRE(WriteProfileFile(path, tests::AbaaaProfile(), FileFormat::kFolded).ok());
  CHECK(*ReadWholeFile(path, 100) == "main;a 4\nmain;b 1\n");
  const auto files = std::filesystem::directory_iterator(folder / ".");
  CHECK(std::distance(begin(files), end(files)) == 1);
  CHECK(WriteWholeFile(folder / "no/such/a", "x").message() ==
        "write " + folder / "no/such/a" + ": No such file or directory");
}

TEST_CASE("WholeFile: a name in .gz is packed, a file past the bound refused") {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "a.folded.gz";
  REQUIRE(WriteProfileFile(path, tests::AbaaaProfile(), FileFormat::kFolded).ok());
  CHECK(LooksGzipped(*ReadWholeFile(path, 1000)));
  CHECK(ReadProfileFile(path)->profile.TotalWeight() == 5);
  CHECK(ReadWholeFile(path, 10).status().code() == StatusCode::kResourceExhausted);
}

TEST_CASE("WholeFile: what is no regular file is written in place") {
  CHECK(WriteWholeFile("/dev/null", "x").ok());
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(WriteWholeFile("/dev/full", "x").message() == "write /dev/full: No space left on device");
}

}  // namespace
}  // namespace stacksampler
