// SPDX-License-Identifier: MIT
#include "sampler/symbolize/symbolizer.h"

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "sample_functions.h"
#include "sample_library.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

// Names addresses of this process.
class Namer {
 public:
  explicit Namer(Lines lines = Lines::kFunction) : symbolizer_(lines) { modules_.Refresh(); }

  std::vector<NamedFrame> Frames(uintptr_t address) {
    const Module* module = modules_.Find(address);
    REQUIRE(module != nullptr);
    return symbolizer_.Name(*module, address);
  }
  // Shown names, innermost first.
  std::vector<std::string> Names(uintptr_t address) {
    std::vector<std::string> names;
    for (const NamedFrame& frame : Frames(address)) names.push_back(frame.name);
    return names;
  }
  ModuleMap& modules() { return modules_; }
  Symbolizer& symbolizer() { return symbolizer_; }

 private:
  ModuleMap modules_;
  Symbolizer symbolizer_;
};

std::string OffsetName(const std::string& module, uintptr_t offset) {
  char hex[32];
  std::snprintf(hex, sizeof hex, "+0x%zx]", static_cast<size_t>(offset));
  return "[" + module + hex;
}

using Names = std::vector<std::string>;

TEST_CASE("Symbolizer: names functions of every kind in the program") {
  Namer namer;
  CHECK(namer.Names(sample_c_function()) == Names{"sample_c_function"});
  CHECK(namer.Names(sample::OfTemplate()) == Names{"sample::Template<int>"});
  CHECK(namer.Names(sample::OfLambda()) == Names{"sample::OfLambda::{lambda(int)#1}::operator()"});
  CHECK(namer.Names(sample::OfStatic()) == Names{"sample::Static"});
  CHECK(namer.Names(sample::OfAnonymous()) == Names{"sample::(anonymous namespace)::Anonymous"});
  CHECK(namer.Names(sample::Object()(1)) == Names{"sample::Object::operator()"});
  CHECK(namer.Names(sample::Object() << 1) == Names{"sample::Object::operator<<"});
  static_cast<void>(static_cast<std::string>(sample::Object()));
  CHECK(namer.Names(sample::Object::conversion_address).back() ==
        "sample::Object::operator std::string");
}

TEST_CASE("Symbolizer: shows inlined functions, each with the file and line of its beginning") {
  Namer namer;
  const std::vector<NamedFrame> frames = namer.Frames(sample::Chain());
  REQUIRE(frames.size() == 3);
  const std::string file = "tests/sampler/symbolize/sample_functions.cc";
  for (const NamedFrame& frame : frames) {
    CHECK(frame.file.substr(frame.file.size() - std::min(frame.file.size(), file.size())) == file);
  }
  CHECK(frames[0].name == "sample::(anonymous namespace)::Innermost");
  CHECK(frames[0].line == sample::kInnermostLine);
  CHECK(frames[0].inlined);
  CHECK(frames[1].name == "sample::Middle");
  CHECK(frames[1].mangled_name == "_ZN6sample6MiddleEv");
  CHECK(frames[1].line == sample::kMiddleLine);
  CHECK(frames[1].inlined);
  CHECK(frames[2].name == "sample::Chain");
  CHECK(frames[2].mangled_name == "_ZN6sample5ChainEv");
  CHECK(frames[2].line == sample::kChainLine);
  CHECK_FALSE(frames[2].inlined);
}

TEST_CASE("Symbolizer: names what a stripped library exports") {
  Namer namer;
  const auto qsort = LibcAddress("qsort");
  const std::vector<NamedFrame> frames = namer.Frames(qsort);
  CHECK(frames.back().name == "qsort");
  CHECK(frames.back().mangled_name == "qsort");
  CHECK_FALSE(frames.back().inlined);
}

TEST_CASE("Symbolizer: gives the lines that run or call, where they are asked for") {
  Namer namer(Lines::kRunning);
  const std::vector<NamedFrame> frames = namer.Frames(sample::Chain());
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].line == sample::kInnermostLine + 2);
  CHECK(frames[1].line == sample::kMiddleLine + 3);
  CHECK(frames[2].line == sample::kChainLine + 4);
  const std::vector<NamedFrame> begins = Namer().Frames(sample::Chain());
  for (size_t i = 0; i < frames.size(); ++i) {
    CHECK(frames[i].file == begins[i].file);
    CHECK(frames[i].name == begins[i].name);
    CHECK(frames[i].inlined == begins[i].inlined);
  }
}

TEST_CASE("Symbolizer: finds the lines that run wherever debug information stands") {
  for (const char* variant : {"plain", "dwarf4_split", "compressed", "linked"}) {
    INFO(variant);
    const SampleLibrary library(SamplePath(variant));
    Namer begins;
    Namer running(Lines::kRunning);
    const uintptr_t exported = library.Call("sample_exported_address");
    CHECK(running.Frames(exported)[0].line == begins.Frames(exported)[0].line + 1);
    CHECK(running.Frames(exported)[0].file == begins.Frames(exported)[0].file);
    const uintptr_t local = library.Call("sample_local_address");
    CHECK(running.Frames(local)[0].line == begins.Frames(local)[0].line + 1);
    CHECK(running.Frames(local)[1].line == begins.Frames(local)[1].line);  // a function of one line
  }
}

TEST_CASE("Symbolizer: names a library alike however its symbols are kept") {
  for (const char* variant :
       {"plain", "dwarf4_split", "compressed", "no_build_id", "linked", "linked_by_crc"}) {
    INFO(variant);
    const SampleLibrary library(SamplePath(variant));
    Namer namer;
    CHECK(namer.Names(library.Call("sample_local_address")) ==
          Names{"sample::(anonymous namespace)::Inlined", "sample::(anonymous namespace)::Local"});
    const std::vector<NamedFrame> frames = namer.Frames(library.Call("sample_exported_address"));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].name == "sample_exported_address");
    CHECK(frames[0].line > 0);
  }
}

TEST_CASE("Symbolizer: without debug information there are names but no inlined functions") {
  const SampleLibrary library(SamplePath("no_debug"));
  Namer namer;
  const std::vector<NamedFrame> frames = namer.Frames(library.Call("sample_local_address"));
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].name == "sample::(anonymous namespace)::Local");
  CHECK(frames[0].file.empty());
  CHECK(frames[0].line == 0);
}

TEST_CASE("Symbolizer: what has no symbol is named by module and link-time offset") {
  const SampleLibrary library(SamplePath("stripped"));
  Namer namer;
  const uintptr_t local = library.Call("sample_local_address");
  const Module* module = namer.modules().Find(local);
  REQUIRE(module != nullptr);
  CHECK(namer.Names(local) == Names{OffsetName("libstripped.so", local - module->load_bias)});
  CHECK(namer.Frames(local)[0].mangled_name.empty());
  CHECK(namer.Names(library.Call("sample_exported_address")) == Names{"sample_exported_address"});
}

TEST_CASE("Symbolizer: code of no module is named by its address") {
  CHECK(Symbolizer().NameUnmapped(0x7f12).name == "[unknown+0x7f12]");
}

TEST_CASE("Symbolizer: names an unloaded module's code by the module's id") {
  Namer namer;
  uintptr_t address = 0;
  uint32_t id = 0;
  {
    const SampleLibrary library(SamplePath("plain"));
    namer.modules().Refresh();
    address = library.Call("sample_exported_address");
    const Module* module = namer.modules().Find(address);
    REQUIRE(module != nullptr);
    id = module->id;
  }
  namer.modules().Refresh();
  REQUIRE(namer.modules().Find(address) == nullptr);
  const auto frames = namer.symbolizer().Name(namer.modules().Get(id), address);
  CHECK(frames.back().name == "sample_exported_address");
}

TEST_CASE("Symbolizer: names the kernel's page from its own image") {
  Namer namer;
  std::set<std::string> symbols;
  for (uint32_t id = 0; id < namer.modules().size(); ++id) {
    const Module& module = namer.modules().Get(id);
    if (module.path != "[vdso]") continue;
    CHECK(namer.Names(module.start) == Names{OffsetName("vdso", module.start - module.load_bias)});
    for (uintptr_t address = module.start; address < module.end; address += 16) {
      symbols.insert(namer.Frames(address).back().mangled_name);
    }
  }
#if defined(__x86_64__)
  CHECK(symbols.count("clock_gettime") == 1);
#else
  CHECK(symbols.count("__kernel_clock_gettime") == 1);
#endif
}

TEST_CASE("Symbolizer: answers alike after more addresses than it remembers") {
  Namer namer;
  const uintptr_t address = sample::Chain();
  const Names names = namer.Names(address);
  const Module* module = namer.modules().Find(address);
  REQUIRE(module != nullptr);
  for (uintptr_t other = module->start; other < module->start + 100'000; ++other) {
    REQUIRE_FALSE(namer.symbolizer().Name(*module, other).empty());
  }
  CHECK(namer.Names(address) == names);
}

}  // namespace
}  // namespace stacksampler::symbolize
