// SPDX-License-Identifier: MIT
#include "store/fault_support.h"

#include "support/catch.h"

namespace stacksampler::store {

int64_t WeightOf(int window) { return int64_t{1} << (2 * window); }

Window WindowOf(int window) {
  const int64_t end_ns = kNoon + (window / 2) * kHour + window * kSecond;
  return SmallWindow("a", static_cast<uint64_t>(window) + 1, end_ns, WeightOf(window));
}

void Fill(const TempDir& dir) {
  std::vector<std::string> warnings;
  WriterOptions options = OptionsFor(&warnings);
  options.journal_grace = std::chrono::seconds(0);
  const auto writer = MustWrite(dir.path(), options);
  for (int i = 0; i < 3; ++i) {
    Window window = WindowOf(i);
    window.end_ns += i * kDay;
    MustAppend(writer.get(), window);
    if (i < 2) REQUIRE(writer->Seal().ok());
  }
  REQUIRE(CountFiles(dir.path(), 'd') == 1);
}

std::map<std::string, std::string> Contents(const TempDir& dir) {
  std::map<std::string, std::string> contents;
  for (const std::string& name : FilesIn(dir.path())) contents[name] = ReadFile(dir.path(name));
  return contents;
}

std::string DamageRows(const TempDir& dir) {
  std::string name;
  for (const std::string& file : FilesIn(dir.path())) {
    if (file[0] == 'h' && (name.empty() || file < name)) name = file;
  }
  std::string bytes = ReadFile(dir.path(name));
  const size_t key = bytes.rfind("rows/0/");
  REQUIRE(key != std::string::npos);
  bytes[key + 20] = static_cast<char>(bytes[key + 20] ^ 1);
  WriteFile(dir.path(name), bytes);
  return name;
}

}  // namespace stacksampler::store
