// SPDX-License-Identifier: MIT
#include "cpuprofile/program_check.h"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <fstream>

#include "cpuprofile/run_tool.h"
#include "support/catch.h"

namespace stacksampler::cpuprofile {
namespace {

using tests::TemporaryFolder;

void WriteExecutable(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

// The header of this very program, changed by `change`.
template <typename Change>
std::string Header(Change change) {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  ElfW(Ehdr) header;
  self.read(reinterpret_cast<char*>(&header), sizeof header);
  change(&header);
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::string Reason(const std::string& path) { return CheckPreloadable(path).message(); }

TEST_CASE("ProgramCheck: finds programs as a shell does") {
  const TemporaryFolder folder;
  CHECK(*FindProgram("sh") != "sh");
  CHECK(*FindProgram("/bin/sh") == "/bin/sh");
  std::ofstream(folder / "data") << "no program";
  for (const std::string& name :
       {std::string("no-such-program-anywhere"), folder / "data", folder.path()}) {
    CHECK(FindProgram(name).status().message() == "run " + name + ": no such program");
  }
}

TEST_CASE("ProgramCheck: dynamic programs and scripts for them are fine") {
  const TemporaryFolder folder;
  CHECK(Reason("/proc/self/exe") == "");
  WriteExecutable(folder / "script", "#! /bin/sh -e\necho\n");
  CHECK(Reason(folder / "script") == "");
}

TEST_CASE("ProgramCheck: tells why a program cannot be recorded, and names it") {
  const TemporaryFolder folder;
  const std::string path = folder / "program";
  WriteExecutable(path, Header([](ElfW(Ehdr) * header) { header->e_phnum = 0; }));
  CHECK(Reason(path) == "cannot record " + path +
                            ": statically linked, so that nothing can be preloaded; link it with "
                            "libstacksampler instead, and call run_profiler()");
  WriteExecutable(path, Header([](ElfW(Ehdr) * header) { header->e_machine = EM_MIPS; }));
  CHECK(Reason(path) ==
        "cannot record " + path + ": built for another architecture than this cpuprofile");
  WriteExecutable(path, "#!" + path + "\n");
  CHECK(Reason(path) == "cannot record " + path + ": a script without interpreter");
  WriteExecutable(path, "echo without first line\n");
  CHECK(Reason(path) == "cannot record " + path + ": no ELF program and no script");
}

TEST_CASE("ProgramCheck: a setuid program of another user is refused") {
  const TemporaryFolder folder;
  std::string path = "/usr/bin/su";  // root's, for everybody else
  if (getuid() == 0) {
    path = folder / "program";
    std::filesystem::copy("/proc/self/exe", path);
    REQUIRE(chown(path.c_str(), 1, 1) == 0);
    REQUIRE(tests::RunShell("chmod 4755 " + path).exit_code == 0);
  }
  CHECK(Reason(path).find("cannot record " + path + ": setuid") == 0);
}

}  // namespace
}  // namespace stacksampler::cpuprofile
