// SPDX-License-Identifier: MIT
#include "sampler/symbolize/shown_name.h"

#include "base/demangle.h"
#include "fuzz/fuzz.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // As it stands in a symbol table: up to the first NUL.
  const std::string symbol(fuzz::AsText(data, size).substr(0, fuzz::AsText(data, size).find('\0')));
  for (const std::string& name : {symbol, "_ZN" + symbol, "_Z" + symbol}) {
    const std::string shown = symbolize::ShownName(name);
    fuzz::Promise(!shown.empty() || name.empty(), "a symbol has a shown name");
    fuzz::Promise(shown == symbolize::ShownName(name), "a name is a function of the symbol");
    fuzz::Promise(Demangle(name).size() <= kMaxDemangledBytes, "declarations are bounded");
  }
  return 0;
}
