// SPDX-License-Identifier: MIT
//
// What the handler's objects refer to is all that the handler can call.
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

struct Symbols {
  std::set<std::string> members;
  std::set<std::string> defined;
  std::set<std::string> undefined;
};

std::vector<std::string> Lines(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<std::string> lines;
  char line[4096];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    lines.emplace_back(line);
  }
  return lines;
}

std::set<std::string> HandlerMembers() {
  std::set<std::string> members;
  std::istringstream sources(UNWIND_HANDLER_SOURCES);
  for (std::string source; sources >> source;) members.insert(source + ".o");
  return members;
}

// `nm -P`: "archive[member]:" lines, and below them "name type value size".
Symbols ReadSymbols(const std::set<std::string>& members) {
  Symbols symbols;
  bool ours = false;
  for (const std::string& line : Lines(NM " -P " UNWIND_ARCHIVE)) {
    const size_t open = line.find('[');
    if (open != std::string::npos) {
      const std::string member = line.substr(open + 1, line.find(']') - open - 1);
      ours = members.count(member) != 0;
      if (ours) symbols.members.insert(member);
      continue;
    }
    if (!ours) continue;
    std::istringstream words(line);
    std::string name, type;
    words >> name >> type;
    (type == "U" || type == "w" ? symbols.undefined : symbols.defined).insert(name);
  }
  return symbols;
}

bool IsAllowed(const std::string& name) {
  static const std::set<std::string> allowed = {"_dl_find_object", "_GLOBAL_OFFSET_TABLE_",
                                                "__libc_stack_end"};
  return allowed.count(name) != 0;
}

}  // namespace

TEST_CASE("Handler objects: refer to each other, to _dl_find_object and one variable alone") {
  const std::set<std::string> members = HandlerMembers();
  const Symbols symbols = ReadSymbols(members);
  REQUIRE(symbols.members == members);
  CHECK(symbols.undefined.count("_dl_find_object") == 1);
  for (const std::string& name : symbols.undefined) {
    INFO(name);
    CHECK((IsAllowed(name) || symbols.defined.count(name) != 0));
  }
}

}  // namespace stacksampler::unwind
