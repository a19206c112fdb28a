// SPDX-License-Identifier: MIT
#include "sampler/symbolize/build_root.h"

#include "sample_library.h"
#include "sampler/symbolize/dwarf_names.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

TEST_CASE("BuildRoot: files are told from the directory that holds sources and build") {
  BuildRoot root;
  root.AddUnit("/builds/acme/app/out", "/builds/acme/app/src/main.cc");
  root.AddUnit("/builds/acme/app/out", "gen/tables.cc");
  CHECK(root.Without("/builds/acme/app/src/main.cc") == "src/main.cc");
  CHECK(root.Without("/builds/acme/app/out/../src/./main.cc") == "src/main.cc");
  CHECK(root.Without("/builds/acme/app/out/gen/tables.cc") == "out/gen/tables.cc");
  CHECK(root.Without("/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/vector") ==
        "/usr/include/c++/12/vector");
}

TEST_CASE("BuildRoot: one header has one name, whichever of a make's directories it came from") {
  BuildRoot root;
  for (const char* directory : {"/p/src/a", "/p/src/b", "/p/src/common"}) {
    root.AddUnit(directory, "x.c");
  }
  CHECK(root.Without("/p/src/a/../common/h.h") == "common/h.h");
  CHECK(root.Without("/p/src/common/h.h") == "common/h.h");
  CHECK(root.Without("/p/src2/h.h") == "/p/src2/h.h");
}

TEST_CASE("BuildRoot: of parts that were built far from each other home directories go") {
  BuildRoot far;
  far.AddUnit("/home/ann/app", "x.cc");
  far.AddUnit("/srv/lib", "y.cc");
  CHECK(far.Without("/home/ann/app/x.cc") == "app/x.cc");
  CHECK(far.Without("/srv/lib/y.cc") == "/srv/lib/y.cc");
  BuildRoot users;
  users.AddUnit("/home/ann/app", "x.cc");
  users.AddUnit("/home/bob/lib", "y.cc");
  CHECK(users.Without("/home/bob/lib/y.cc") == "lib/y.cc");
  BuildRoot system;
  system.AddUnit("/usr/src/app", "x.cc");
  system.AddUnit("/usr/lib/y", "y.cc");
  CHECK(system.Without("/usr/include/stdio.h") == "/usr/include/stdio.h");
}

TEST_CASE("BuildRoot: names that the compiler was told to shorten stay") {
  BuildRoot root;
  root.AddUnit(".", "src/x.cc");
  CHECK(root.Without("src/x.cc") == "src/x.cc");
  CHECK(root.Without("/srv/x.cc") == "/srv/x.cc");
}

// Files of all functions of a sample library.
std::vector<std::string> FilesIn(const char* variant) {
  const auto file = ElfFile::Open(SamplePath(variant));
  REQUIRE(file != nullptr);
  const auto names = DwarfNames::Open(file.get());
  REQUIRE(names != nullptr);
  std::vector<std::string> files;
  for (const Elf64_Shdr& section : file->sections()) {
    if ((section.sh_flags & SHF_EXECINSTR) == 0) continue;
    for (uint64_t offset = 0; offset < section.sh_size; offset += 8) {
      for (const DwarfFrame& frame : names->Frames(section.sh_addr + offset)) {
        if (!frame.file.empty()) files.push_back(frame.file);
      }
    }
  }
  return files;
}

TEST_CASE("BuildRoot: neither a home directory nor a build's is in what debug information gives") {
  for (const char* variant : {"built_in_home", "built_by_ci"}) {
    const std::vector<std::string> files = FilesIn(variant);
    REQUIRE_FALSE(files.empty());
    for (const std::string& file : files) {
      INFO(file);
      CHECK(file.find("sample_library.cc") != std::string::npos);
      CHECK(file.find("ann") == std::string::npos);
      CHECK(file.find("acme") == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
