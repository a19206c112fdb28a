// SPDX-License-Identifier: MIT
//
// Purpose: a loaded variant of the sample library; unloaded with the object.
#ifndef STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_LIBRARY_H_
#define STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_LIBRARY_H_

#include <dlfcn.h>

#include <cstdint>
#include <string>

#include "support/catch.h"

namespace stacksampler::symbolize {

class SampleLibrary {
 public:
  explicit SampleLibrary(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW)) {
    REQUIRE(handle_ != nullptr);
  }
  ~SampleLibrary() { dlclose(handle_); }
  SampleLibrary(const SampleLibrary&) = delete;
  SampleLibrary& operator=(const SampleLibrary&) = delete;

  /// Result of one of its functions.
  [[nodiscard]] uintptr_t Call(const char* function) const {
    auto* call = reinterpret_cast<uintptr_t (*)()>(dlsym(handle_, function));
    REQUIRE(call != nullptr);
    return call();
  }

 private:
  void* handle_;
};

inline std::string SamplePath(const std::string& variant) {
  return SAMPLE_LIBRARY_DIR "/lib" + variant + ".so";
}

/// Where the C library has a function. (A sanitizer's interceptor may stand before it.)
inline uintptr_t LibcAddress(const char* function) {
  void* libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  REQUIRE(libc != nullptr);
  const auto address = reinterpret_cast<uintptr_t>(dlsym(libc, function));
  dlclose(libc);
  return address;
}

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_SAMPLE_LIBRARY_H_
