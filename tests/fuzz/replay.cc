// SPDX-License-Identifier: MIT
//
// replay COUNT FILE...: gives a fuzz target each file, and COUNT mutations of it: bits flipped,
// bytes cut, doubled and replaced, two files spliced, always the same ones. Stands in for libFuzzer
// where a test must end soon and do the same each time. Failures of the past are files of the
// corpus.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

using Random = std::minstd_rand;

size_t Below(size_t bound, Random* random) { return bound == 0 ? 0 : (*random)() % bound; }

void Mutate(std::string* bytes, const std::string& other, Random* random) {
  constexpr char kTelling[] = "\0\xff\x7f\x80;,:\" 0\n";
  const size_t at = Below(bytes->size(), random);
  const size_t length = Below(std::min<size_t>(bytes->size() - at, 64), random) + 1;
  switch (Below(6, random)) {
    case 0:
      if (!bytes->empty()) (*bytes)[at] = static_cast<char>((*bytes)[at] ^ 1 << Below(8, random));
      break;
    case 1:
      bytes->resize(at);
      break;
    case 2:
      bytes->erase(at, length);
      break;
    case 3:
      bytes->insert(at, bytes->substr(at, length));
      break;
    case 4:
      if (!bytes->empty()) (*bytes)[at] = kTelling[Below(sizeof kTelling - 1, random)];
      break;
    default:
      bytes->replace(at, length, other.substr(Below(other.size(), random), length));
  }
}

void Run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

std::string Read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "replay: cannot read %s\n", path);
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: replay COUNT FILE...\n", stderr);
    return 2;
  }
  const long count = std::atol(argv[1]);
  std::vector<std::string> inputs;
  for (int i = 2; i < argc; ++i) inputs.push_back(Read(argv[i]));
  Random random(1);
  for (const std::string& input : inputs) {
    Run(input);
    for (long i = 0; i < count; ++i) {
      std::string mutated = input;
      for (size_t steps = Below(4, &random) + 1; steps > 0; --steps) {
        Mutate(&mutated, inputs[Below(inputs.size(), &random)], &random);
      }
      Run(mutated);
    }
  }
  std::printf("%zu inputs, %ld mutations of each\n", inputs.size(), count);
  return 0;
}
