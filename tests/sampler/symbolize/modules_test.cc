// SPDX-License-Identifier: MIT
#include "sampler/symbolize/modules.h"

#include <sys/auxv.h>

#include <filesystem>
#include <set>
#include <string>

#include "sample_functions.h"
#include "sample_library.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

TEST_CASE("ModuleMap: knows the program by its file, and libraries by theirs") {
  ModuleMap modules;
  modules.Refresh();
  const Module* program = modules.Find(sample_c_function());
  REQUIRE(program != nullptr);
  CHECK(program->path == std::filesystem::read_symlink("/proc/self/exe").string());
  const Module* libc = modules.Find(LibcAddress("qsort"));
  REQUIRE(libc != nullptr);
  CHECK(libc->path.find("/libc.so") != std::string::npos);
  CHECK_FALSE(libc->build_id.empty());
  CHECK(libc != program);
}

TEST_CASE("ModuleMap: knows the kernel's page") {
  ModuleMap modules;
  modules.Refresh();
  bool found = false;
  for (uint32_t id = 0; id < modules.size(); ++id) {
    if (modules.Get(id).path != "[vdso]") continue;
    found = true;
    CHECK(reinterpret_cast<uintptr_t>(modules.Get(id).image) == getauxval(AT_SYSINFO_EHDR));
  }
  CHECK(found);
}

TEST_CASE("ModuleMap: finds no module for addresses outside of all code") {
  ModuleMap modules;
  CHECK(modules.Find(sample_c_function()) == nullptr);  // before the first Refresh
  modules.Refresh();
  const int on_stack = 0;
  CHECK(modules.Find(0) == nullptr);
  CHECK(modules.Find(UINTPTR_MAX) == nullptr);
  CHECK(modules.Find(reinterpret_cast<uintptr_t>(&on_stack)) == nullptr);
}

TEST_CASE("ModuleMap: an unloaded module keeps its record but is not found by address") {
  ModuleMap modules;
  uintptr_t address = 0;
  const Module* module = nullptr;
  {
    const SampleLibrary library(SamplePath("plain"));
    modules.Refresh();
    address = library.Call("sample_exported_address");
    module = modules.Find(address);
    REQUIRE(module != nullptr);
  }
  modules.Refresh();
  CHECK(modules.Find(address) == nullptr);
  CHECK(&modules.Get(module->id) == module);
  CHECK(module->path == SamplePath("plain"));
}

TEST_CASE("ModuleMap: loading a module again and again adds no record per load") {
  ModuleMap modules;
  modules.Refresh();
  const uint32_t before = modules.size();
  std::set<uintptr_t> places;
  for (int i = 0; i < 50; ++i) {
    const SampleLibrary library(SamplePath("plain"));
    modules.Refresh();
    const Module* module = modules.Find(library.Call("sample_exported_address"));
    REQUIRE(module != nullptr);
    places.insert(module->load_bias);
  }
  CHECK(modules.size() - before == places.size());
}

TEST_CASE("ModuleMap: without a build-id the head of the image stands in") {
  const SampleLibrary plain(SamplePath("plain"));
  const SampleLibrary bare(SamplePath("no_build_id"));
  ModuleMap modules;
  modules.Refresh();
  const Module* with = modules.Find(plain.Call("sample_exported_address"));
  const Module* without = modules.Find(bare.Call("sample_exported_address"));
  REQUIRE(with != nullptr);
  REQUIRE(without != nullptr);
  CHECK(with->build_id.size() == 40);
  CHECK(with->head.empty());
  CHECK(without->build_id.empty());
  CHECK(without->head.substr(1, 3) == "ELF");
}

}  // namespace
}  // namespace stacksampler::symbolize
