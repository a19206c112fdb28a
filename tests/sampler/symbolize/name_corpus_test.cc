// SPDX-License-Identifier: MIT
//
// The shortening rule over the symbols of real libraries: those of the C++ runtime, of this program
// and of LLVM, as they are installed.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/modules.h"
#include "sampler/symbolize/shown_name.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSymbolsWanted = 10'000;
constexpr size_t kMedianWanted = 60;

void AddFunctions(const ElfFile& file, uint32_t section_type, std::set<std::string>* symbols) {
  const Elf64_Shdr* table = file.FindSection(section_type);
  if (table == nullptr) return;
  const std::string_view bytes = file.SectionBytes(*table);
  const std::string_view names = file.StringTable(table->sh_link);
  for (size_t i = 0; i + sizeof(Elf64_Sym) <= bytes.size(); i += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, bytes.data() + i, sizeof symbol);
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_name >= names.size()) continue;
    const std::string name = names.data() + symbol.st_name;
    if (name.substr(0, 2) == "_Z") symbols->insert(name);
  }
}

void AddFile(const std::string& path, std::set<std::string>* symbols) {
  const auto file = ElfFile::Open(path);
  if (file == nullptr) return;
  AddFunctions(*file, SHT_SYMTAB, symbols);
  AddFunctions(*file, SHT_DYNSYM, symbols);
}

// What this program runs with, and the libraries of clang-format, which is among the packages that
// the tests install.
std::set<std::string> Corpus() {
  std::set<std::string> symbols;
  ModuleMap modules;
  modules.Refresh();
  for (uint32_t id = 0; id < modules.size(); ++id) AddFile(modules.Get(id).path, &symbols);
  std::set<std::string> others;
  for (const char* directory : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("libclang-cpp.so") || name.starts_with("libLLVM-")) {
        others.insert(entry.path().string());
      }
    }
  }
  for (const std::string& path : others) AddFile(path, &symbols);
  return symbols;
}

// Thunks and clones stand for the function that they lead to.
std::string Bare(const std::string& symbol) {
  static const std::regex kPrefix("^_ZT(?:h[n0-9]+_|v[n0-9]+_[n0-9]+_|c.*?_.*?_)|^_ZGT[tn]");
  static const std::regex kSuffix(
      "(@.*|(\\.(cold|localalias|constprop|isra|part|lto_priv|clone|llvm)(\\.[0-9]+)*)+)$");
  return std::regex_replace(std::regex_replace(symbol, kSuffix, ""), kPrefix, "_Z");
}

// Names without parameter lists by another demangler, that of binutils.
std::vector<std::string> NamesOfBinutils(const std::vector<std::string>& symbols) {
  const tests::TemporaryFolder directory;
  const std::string input = directory.path() + "/symbols";
  const std::string output = directory.path() + "/names";
  std::ofstream file(input);
  for (const std::string& symbol : symbols) file << Bare(symbol) << '\n';
  file.close();
  REQUIRE(std::system(("c++filt --no-params <" + input + " >" + output).c_str()) == 0);
  static const std::regex kAbiTag("\\[abi:[^\\]]*\\]");
  std::vector<std::string> names;
  std::ifstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    names.push_back(std::regex_replace(line, kAbiTag, ""));
  }
  REQUIRE(names.size() == symbols.size());
  return names;
}

TEST_CASE("ShownName: over the symbols of real libraries half of the names fit in 60 characters") {
  const std::set<std::string> symbols = Corpus();
  REQUIRE(symbols.size() >= kSymbolsWanted);
  std::vector<size_t> lengths;
  for (const std::string& symbol : symbols) lengths.push_back(ShownName(symbol).size());
  std::nth_element(lengths.begin(), lengths.begin() + lengths.size() / 2, lengths.end());
  CHECK(lengths[lengths.size() / 2] <= kMedianWanted);
}

TEST_CASE("ShownName: only overloads, clones and statics of one function share a shown name") {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const std::string& symbol : Corpus()) by_name[ShownName(symbol)].push_back(symbol);
  std::vector<std::string> symbols;
  std::vector<const std::string*> shown;
  for (const auto& [name, sharing] : by_name) {
    if (sharing.size() < 2) continue;
    symbols.insert(symbols.end(), sharing.begin(), sharing.end());
    shown.insert(shown.end(), sharing.size(), &name);
  }
  REQUIRE(symbols.size() > 100);
  const std::vector<std::string> names = NamesOfBinutils(symbols);
  for (size_t i = 1; i < symbols.size(); ++i) {
    if (shown[i] != shown[i - 1] || names[i] == names[i - 1]) continue;
    INFO(symbols[i] << " and " << symbols[i - 1] << " are both " << *shown[i]);
    CHECK(names[i] == names[i - 1]);
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
