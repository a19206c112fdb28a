// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <link.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "guest/torture/kinds.h"

namespace stacksampler::torture {
namespace {

constexpr int kThrowDepth = 20;
constexpr int kRounds = 2000;
// The loader's lock is not fair: who takes it again at once starves the others, profiler or not.
constexpr std::chrono::microseconds kLetOthersLoad{500};

struct Guard {
  ~Guard() { Work(1); }
};

// Each frame has a destructor to run, and every fourth one catches and throws on.
__attribute__((noinline)) void Descend(int depth) {
  const Guard guard;
  if (depth == 0) throw std::runtime_error("from below");
  try {
    Descend(depth - 1);
  } catch (const std::logic_error&) {
    Work(2);
  } catch (const std::runtime_error&) {
    if (depth % 4 == 0) throw std::runtime_error("thrown on");
    throw;
  }
}

int CountModule(dl_phdr_info* info, size_t /*size*/, void* count) {
  *static_cast<int*>(count) += info->dlpi_phnum;
  return 0;
}

}  // namespace

void LoadPlugin(int thread) {
  const std::string path = STACKSAMPLER_TORTURE_PLUGIN + std::to_string(thread) + ".so";
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto call =
      reinterpret_cast<int (*)(void (*)(int), int)>(dlsym(library, "torture_plugin_call"));
  if (call == nullptr || call(Work, kRounds) != 't') throw std::runtime_error(path);
  dlclose(library);
  std::this_thread::sleep_for(kLetOthersLoad);
}

void ListModules(int /*thread*/) {
  int headers = 0;
  for (int i = 0; i < 10; ++i) dl_iterate_phdr(CountModule, &headers);
  if (headers == 0) throw std::runtime_error("no module is loaded");
  std::this_thread::sleep_for(kLetOthersLoad);
}

void ThrowDeep(int /*thread*/) {
  try {
    Descend(kThrowDepth);
  } catch (const std::runtime_error&) {
    return;
  }
  throw std::logic_error("an exception was lost");
}

void Allocate(int thread) {
  constexpr size_t kBlocks = 64;
  constexpr size_t kLargeBytes = 300'000;  // beyond malloc's threshold for mmap
  void* blocks[kBlocks];
  for (size_t i = 0; i < kBlocks; ++i) {
    blocks[i] = malloc(i == 0 ? kLargeBytes : 16 + i * (61 + static_cast<size_t>(thread)));
    if (blocks[i] == nullptr) throw std::runtime_error("no memory");
    *static_cast<volatile char*>(blocks[i]) = 1;
  }
  for (void* block : blocks) free(block);
}

}  // namespace stacksampler::torture
