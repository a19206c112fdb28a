// SPDX-License-Identifier: MIT
#include "sampler/symbolize/perf_map.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

namespace fs = std::filesystem;

class MapFile {
 public:
  void Write(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }
  void Append(const std::string& text) { std::ofstream(path(), std::ios::app) << text; }
  [[nodiscard]] std::string path() const { return directory_.path() + "/perf-1.map"; }

 private:
  tests::TemporaryFolder directory_;
};

TEST_CASE("PerfMap: names code from its first to its last byte") {
  MapFile file;
  file.Write("7f00 10 LazyCompile:*sum /srv/app.js:3:14\n0x8000 0x1 stub\n");
  PerfMap map(file.path());
  CHECK(map.Find(0x7f00).empty());
  CHECK(map.Refresh());
  CHECK(map.Find(0x7eff).empty());
  CHECK(map.Find(0x7f00) == "LazyCompile:*sum /srv/app.js:3:14");
  CHECK(map.Find(0x7f0f) == "LazyCompile:*sum /srv/app.js:3:14");
  CHECK(map.Find(0x7f10).empty());
  CHECK(map.Find(0x8000) == "stub");
  CHECK(map.skipped_lines() == 0);
}

TEST_CASE("PerfMap: is read again when the file has changed, and only then") {
  MapFile file;
  PerfMap map(file.path());
  CHECK_FALSE(map.Refresh());
  file.Write("1000 10 a\n");
  CHECK(map.Refresh());
  CHECK_FALSE(map.Refresh());
  file.Append("2000 10 b\n30");
  CHECK(map.Refresh());
  CHECK(map.Find(0x2000) == "b");
  CHECK(map.skipped_lines() == 0);  // the last line is still being written
  file.Append("00 10 c\n");
  CHECK(map.Refresh());
  CHECK(map.Find(0x3000) == "c");
  fs::remove(file.path());
  CHECK(map.Refresh());
  CHECK(map.Find(0x1000).empty());
}

TEST_CASE("PerfMap: later code replaces what it overlaps, in whole or in part") {
  MapFile file;
  file.Write(
      "1000 100 old\n1040 20 inside\n2000 10 gone\n1ff0 40 over\n"
      "3000 100 low\n30f0 20 high\n4000 10 x\n4000 10 y\n");
  PerfMap map(file.path());
  REQUIRE(map.Refresh());
  CHECK(map.Find(0x103f) == "old");
  CHECK(map.Find(0x1040) == "inside");
  CHECK(map.Find(0x105f) == "inside");
  CHECK(map.Find(0x1060) == "old");
  CHECK(map.Find(0x10ff) == "old");
  CHECK(map.Find(0x1100).empty());
  CHECK(map.Find(0x2000) == "over");
  CHECK(map.Find(0x30ef) == "low");
  CHECK(map.Find(0x30f0) == "high");
  CHECK(map.Find(0x310f) == "high");
  CHECK(map.Find(0x4000) == "y");
}

TEST_CASE("PerfMap: counts the lines that are none, and reads the others") {
  MapFile file;
  file.Write(
      "\nnonsense\n1000 10 good\n1000\n1000 10\n1000 10 \nxyz 10 a\n1000 0 empty\n"
      "ffffffffffffffff 10 wraps\n11111111111111111 1 wide\n-1 5 negative\n"
      "1000x 10 a\n2000 10 good too\n");
  PerfMap map(file.path());
  REQUIRE(map.Refresh());
  CHECK(map.Find(0x1000) == "good");
  CHECK(map.Find(0x2000) == "good too");
  CHECK(map.size() == 2);
  CHECK(map.skipped_lines() == 10);
}

TEST_CASE("PerfMap: names are cut at their bound, files at theirs") {
  MapFile file;
  std::string text = "1000 10 " + std::string(kMaxPerfMapName + 100, 'n') + '\n';
  file.Write(text);
  PerfMap map(file.path());
  REQUIRE(map.Refresh());
  CHECK(map.Find(0x1000) == std::string(kMaxPerfMapName, 'n'));
  const std::string line = "2000 10 " + std::string(1 << 20, 'n') + '\n';
  for (size_t size = 0; size <= kMaxPerfMapBytes; size += line.size()) file.Append(line);
  file.Append("9000 10 behind\n");
  REQUIRE(map.Refresh());
  CHECK(map.Find(0x2000).size() == kMaxPerfMapName);
  CHECK(map.Find(0x9000).empty());
  CHECK(map.skipped_lines() == 1);
}

TEST_CASE("PerfMap: trusts no link, no FIFO and no file that others may write") {
  MapFile file;
  PerfMap map(file.path());
  file.Write("1000 10 a\n");
  fs::permissions(file.path(), fs::perms::others_write, fs::perm_options::add);
  CHECK_FALSE(map.Refresh());
  fs::permissions(file.path(), fs::perms::others_write, fs::perm_options::remove);
  CHECK(map.Refresh());
  fs::rename(file.path(), file.path() + ".real");
  fs::create_symlink(file.path() + ".real", file.path());
  CHECK(map.Refresh());
  CHECK(map.Find(0x1000).empty());
  fs::remove(file.path());
  REQUIRE(mkfifo(file.path().c_str(), 0600) == 0);
  CHECK_FALSE(map.Refresh());
  fs::remove(file.path());
  if (geteuid() == 0) {  // only root can make a file that is somebody else's
    file.Write("1000 10 a\n");
    REQUIRE(chown(file.path().c_str(), 12345, 12345) == 0);
    CHECK_FALSE(map.Refresh());
  }
}

TEST_CASE("PerfMap: no file makes it crash, and every line is read or counted") {
  std::mt19937 random(20240229);
  constexpr char kAlphabet[] = "0123456789abcdefxg \n\n";
  MapFile file;
  PerfMap map(file.path());
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (size_t size = random() % 400; size > 0; --size) {
      text += random() % 50 == 0 ? static_cast<char>(random())
                                 : kAlphabet[random() % (sizeof kAlphabet - 1)];
    }
    fs::remove(file.path());
    file.Write(text + "\n1000 10 sentinel\n");
    REQUIRE(map.Refresh());
    CHECK(map.Find(0x1000) == "sentinel");
    for (uint64_t address = 0; address < 0x2000; address += 64)
      static_cast<void>(map.Find(address));
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
