// SPDX-License-Identifier: MIT
#include "base/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace stacksampler {

std::string Demangle(const std::string& symbol) {
  if (symbol.size() > kMaxMangledBytes || symbol.compare(0, 2, "_Z") != 0) return "";
  int status = 0;
  size_t size = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, &size, &status), std::free);
  if (status != 0 || text == nullptr) return "";
  std::string declaration = text.get();
  return declaration.size() <= kMaxDemangledBytes ? declaration : "";
}

std::string FullName(const std::string& symbol) {
  std::string name = Demangle(symbol);
  if (!name.empty()) return name;
  // The version that the linker put behind it is no part of the name.
  const size_t at = symbol.find('@');
  if (at == std::string::npos || at == 0) return symbol;
  name = Demangle(symbol.substr(0, at));
  return name.empty() ? symbol : name;
}

}  // namespace stacksampler
