// SPDX-License-Identifier: MIT
#include "preload/endpoint.h"

#include <dlfcn.h>

#include <string>

#include "stacksampler/c_api.h"

namespace stacksampler::preload {
namespace {

constexpr char kLibrary[] = "libstacksampler.so.0";

// Beside this library: no search path of the program can put another in its place.
std::string LibraryPath() {
  Dl_info self{};
  if (dladdr(kLibrary, &self) == 0 || self.dli_fname == nullptr) return kLibrary;
  const std::string path = self.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + kLibrary;
}

Status LoaderError(const std::string& what) {
  const char* reason = dlerror();
  return {StatusCode::kNotFound, what + ": " + (reason != nullptr ? reason : "not found")};
}

}  // namespace

Status OpenEndpoint() {
  const std::string path = LibraryPath();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return LoaderError("STACKSAMPLER_ADDR needs " + path);
  const auto run = reinterpret_cast<decltype(&stacksampler_run_profiler_env)>(
      dlsym(library, "stacksampler_run_profiler_env"));
  if (run == nullptr) return LoaderError(path);
  // It says itself what went wrong; the recording, if one was asked for, goes on without it.
  static_cast<void>(run());
  return Status::Ok();
}

}  // namespace stacksampler::preload
