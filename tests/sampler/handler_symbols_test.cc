// SPDX-License-Identifier: MIT
//
// What the signal handler can reach, read from object files: whatever is not on the list is a lock,
// an allocation or a lazy binding waiting to happen.
#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"

namespace stacksampler {
namespace {

// HandleSigprof(int, siginfo_t*, void*)
constexpr char kHandler[] = "_ZN12stacksampler8sampling13HandleSigprofEiP9siginfo_tPv";

const std::set<std::string> kAllowed = {
    "_GLOBAL_OFFSET_TABLE_",  // no call: the linker's table
    "__libc_stack_end",       // no call: a variable of the loader
    "_dl_find_object",        // documented as async-signal-safe
    // no calls: the linker's names for the ends of a section
    "__start_stacksampler_every_sample",
    "__stop_stacksampler_every_sample",
};

std::string Run(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  REQUIRE(pclose(pipe) == 0);
  return output;
}

struct Object {
  std::set<std::string> defined;
  std::set<std::string> undefined;
};

// By file, or by archive and member.
std::map<std::string, Object> ReadObjects(const std::string& files) {
  std::map<std::string, Object> objects;
  std::istringstream lines(Run("nm -A -P " + files));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string object;
    std::string symbol;
    char kind = 0;
    if (!(words >> object >> symbol >> kind)) continue;
    const bool undefined = kind == 'U' || kind == 'w' || kind == 'v';
    (undefined ? objects[object].undefined : objects[object].defined).insert(symbol);
  }
  return objects;
}

TEST_CASE("Handler: reaches no code but what is on the list") {
  const std::map<std::string, Object> objects =
      ReadObjects(STACKSAMPLER_HANDLER_OBJECTS " " STACKSAMPLER_UNWIND_LIBRARY);
  std::map<std::string, const Object*> definitions;
  for (const auto& [name, object] : objects) {
    for (const std::string& symbol : object.defined) definitions.emplace(symbol, &object);
  }
  const auto handler = definitions.find(kHandler);
  REQUIRE(handler != definitions.end());
  std::vector<const Object*> open = {handler->second};
  std::set<const Object*> reached(open.begin(), open.end());
  std::set<std::string> unexpected;
  while (!open.empty()) {
    const Object* object = open.back();
    open.pop_back();
    for (const std::string& symbol : object->undefined) {
      const auto definition = definitions.find(symbol);
      if (definition == definitions.end()) {
        if (kAllowed.count(symbol) == 0) unexpected.insert(symbol);
      } else if (reached.insert(definition->second).second) {
        open.push_back(definition->second);
      }
    }
  }
  CHECK(reached.size() > 1);
  CHECK(unexpected == std::set<std::string>{});
}

}  // namespace
}  // namespace stacksampler
