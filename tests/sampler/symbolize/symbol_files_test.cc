// SPDX-License-Identifier: MIT
#include "sampler/symbolize/symbol_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "sample_functions.h"
#include "sample_library.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

namespace fs = std::filesystem;

// A module loaded from `variant`, whose file is then exchanged for `successor`.
bool OpensAfterReplacement(const std::string& variant, const std::string& successor) {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/lib.so";
  fs::copy_file(SamplePath(variant), path);
  const SampleLibrary library(path);
  ModuleMap modules;
  modules.Refresh();
  const Module* module = modules.Find(library.Call("sample_exported_address"));
  REQUIRE(module != nullptr);
  REQUIRE(OpenModuleFile(*module) != nullptr);
  fs::copy_file(SamplePath(successor), path + ".new");
  fs::rename(path + ".new", path);
  return OpenModuleFile(*module) != nullptr;
}

TEST_CASE("OpenModuleFile: refuses a file that replaced the running one") {
  CHECK(OpensAfterReplacement("plain", "plain"));
  CHECK_FALSE(OpensAfterReplacement("plain", "no_debug"));
  CHECK_FALSE(OpensAfterReplacement("plain", "no_build_id"));
  CHECK(OpensAfterReplacement("no_build_id", "no_build_id"));
  CHECK_FALSE(OpensAfterReplacement("no_build_id", "plain"));
  CHECK_FALSE(OpensAfterReplacement("no_build_id", "linked_by_crc"));
}

TEST_CASE("OpenModuleFile: finds the running program when its file was replaced or deleted") {
  ModuleMap modules;
  modules.Refresh();
  const Module* program = modules.Find(sample_c_function());
  REQUIRE(program != nullptr);
  Module moved = *program;
  moved.path = "/nonexistent/program";
  CHECK(OpenModuleFile(moved) != nullptr);
  moved.path = SamplePath("plain");
  const auto file = OpenModuleFile(moved);
  REQUIRE(file != nullptr);
  CHECK(file->build_id() == program->build_id);
}

TEST_CASE("OpenDebugFile: follows the debug link beside the file, in .debug and below the root") {
  const tests::TemporaryFolder directory;
  const std::string root = directory.path() + "/root";
  const std::string bin = directory.path() + "/bin/";
  const auto file = ElfFile::Open(SamplePath("linked"));
  REQUIRE(file != nullptr);
  CHECK(OpenDebugFile(*file, SamplePath("linked"), root) != nullptr);
  for (const std::string& place : {bin, bin + ".debug/", root + bin}) {
    CHECK(OpenDebugFile(*file, bin + "liblinked.so", root) == nullptr);
    fs::create_directories(place);
    fs::copy_file(SAMPLE_LIBRARY_DIR "/linked.debug", place + "linked.debug");
    CHECK(OpenDebugFile(*file, bin + "liblinked.so", root) != nullptr);
    fs::remove(place + "linked.debug");
  }
}

TEST_CASE("OpenDebugFile: finds a file without a link by its build-id") {
  const tests::TemporaryFolder root;
  const auto file = ElfFile::Open(SamplePath("stripped"));
  REQUIRE(file != nullptr);
  CHECK(OpenDebugFile(*file, SamplePath("stripped"), root.path()) == nullptr);
  const std::string& id = file->build_id();
  const std::string place = root.path() + "/.build-id/" + id.substr(0, 2);
  fs::create_directories(place);
  fs::copy_file(SAMPLE_LIBRARY_DIR "/stripped.debug", place + "/" + id.substr(2) + ".debug");
  CHECK(OpenDebugFile(*file, SamplePath("stripped"), root.path()) != nullptr);
}

TEST_CASE("OpenDebugFile: refuses a debug file of another build, by build-id or by checksum") {
  const tests::TemporaryFolder directory;
  const auto by_id = ElfFile::Open(SamplePath("linked"));
  const auto by_crc = ElfFile::Open(SamplePath("linked_by_crc"));
  REQUIRE(by_id != nullptr);
  REQUIRE(by_crc != nullptr);
  REQUIRE(by_crc->build_id().empty());
  const std::string path = directory.path() + "/lib.so";
  fs::copy_file(SAMPLE_LIBRARY_DIR "/linked_by_crc.debug", directory.path() + "/linked.debug");
  fs::copy_file(SAMPLE_LIBRARY_DIR "/linked_by_crc.debug",
                directory.path() + "/linked_by_crc.debug");
  CHECK(OpenDebugFile(*by_id, path, directory.path()) == nullptr);
  CHECK(OpenDebugFile(*by_crc, path, directory.path()) != nullptr);
  std::ofstream(directory.path() + "/linked_by_crc.debug", std::ios::app) << "one byte more";
  CHECK(OpenDebugFile(*by_crc, path, directory.path()) == nullptr);
}

}  // namespace
}  // namespace stacksampler::symbolize
