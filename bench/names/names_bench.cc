// SPDX-License-Identifier: MIT
//
// Purpose: names 10,000 random addresses of a -g -O2 library, each way in processes of its own and
//   in a thread beside the main one: median time, and what the resident memory grew by at its peak.
//     names_bench [RUNS]
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "methods.h"
#include "sampler/symbolize/elf_file.h"

namespace stacksampler::bench {
namespace {

constexpr size_t kAddresses = 10'000;
constexpr int kRuns = 7;

struct Method {
  const char* name;
  Found (*run)(const Subject&);
};

Found Calibration(const Subject& subject) {
  uint64_t hash = 0;
  for (int round = 0; round < 1000; ++round) {
    for (const uintptr_t address : subject.addresses) hash = (hash ^ address) * 0x9e3779b97f4a7c15;
  }
  return {.named = 0, .frames = 0, .lines = 0, .shown = static_cast<size_t>(hash >> 60) + 1};
}

constexpr std::array kMethods = {
    Method{"calibration: 10 M multiplications", Calibration},
    Method{"names: own table", OwnTable},
    Method{"names: own table, demangled, shortened", OwnShown},
    Method{"names: libbacktrace syminfo", LibbacktraceSymbols},
    Method{"names: dladdr (.dynsym)", Dladdr},
    Method{"names: libdw dwfl_module_addrname", LibdwSymbols},
    Method{"inlines+files: own index over libdw", OwnFrames},
    Method{"inlines+files: own, all of a window's work", OwnNamedFrames},
    Method{"inlines+files: libbacktrace pcinfo", LibbacktraceFrames},
};

Subject Load(const char* path) {
  Subject subject;
  subject.path = path;
  void* library = dlopen(path, RTLD_NOW);
  link_map* map = nullptr;
  if (library == nullptr || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) {
    std::fprintf(stderr, "names_bench: %s\n", dlerror());
    std::exit(1);
  }
  subject.bias = map->l_addr;
  const auto file = symbolize::ElfFile::Open(path);
  const Elf64_Shdr* text = file->FindSection(".text");
  std::mt19937_64 random(20240229);
  std::set<uintptr_t> distinct;
  while (distinct.size() < kAddresses) {
    distinct.insert(subject.bias + text->sh_addr + random() % text->sh_size);
  }
  subject.addresses.assign(distinct.begin(), distinct.end());
  std::shuffle(subject.addresses.begin(), subject.addresses.end(), random);
  return subject;
}

// A line of /proc/self/status, in KiB.
long StatusKib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key + ":", 0) == 0) return std::atol(line.c_str() + key.size() + 1);
  }
  return 0;
}

// In the child: one line for the parent.
void Measure(const Method& method) {
  const Subject subject = Load(NAMES_SUBJECT);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins here
  const long before = StatusKib("VmRSS");
  Found found;
  double ms = 0;
  std::thread([&] {
    const auto start = std::chrono::steady_clock::now();
    found = method.run(subject);
    ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }).join();
  std::printf("%.3f %ld %zu %zu %zu %zu\n", ms, StatusKib("VmHWM") - before, found.named,
              found.frames, found.lines, found.shown);
}

template <typename T>
T Median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const char* program, size_t index, int runs) {
  std::vector<double> times;
  std::vector<long> kib;
  Found found;
  for (int run = 0; run < runs; ++run) {
    FILE* child = popen((std::string(program) + " --method " + std::to_string(index)).c_str(), "r");
    char line[256] = "";
    if (child == nullptr || std::fgets(line, sizeof line, child) == nullptr) std::exit(1);
    pclose(child);
    std::istringstream words(line);
    double ms = 0;
    long grown = 0;
    words >> ms >> grown >> found.named >> found.frames >> found.lines;
    times.push_back(ms);
    kib.push_back(grown);
  }
  std::printf("%-44s %9.2f ms %8.1f MiB %7zu named %7zu frames %7zu with file\n",
              kMethods[index].name, Median(times), static_cast<double>(Median(kib)) / 1024,
              found.named, found.frames, found.lines);
}

}  // namespace
}  // namespace stacksampler::bench

int main(int argc, char** argv) {
  using namespace stacksampler::bench;
  if (argc == 3 && std::strcmp(argv[1], "--method") == 0) {
    Measure(kMethods[static_cast<size_t>(std::atoi(argv[2])) % kMethods.size()]);
    return 0;
  }
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : kRuns;
  std::printf("%zu random addresses of %s, medians of %d processes each\n", kAddresses,
              NAMES_SUBJECT, runs);
  for (size_t i = 0; i < kMethods.size(); ++i) Print(argv[0], i, runs);
  return 0;
}
