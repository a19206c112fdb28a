// SPDX-License-Identifier: MIT
#include "endpoint/tls_library.h"

#include <dlfcn.h>

#include <utility>

#include "http/tls/library.h"

namespace stacksampler::endpoint {
namespace {

constexpr char kLibrary[] = "libstacksampler_tls.so.0";

// Beside the library that this code is in, as both are installed; else where the loader looks.
void* Load() {
  Dl_info self{};
  if (dladdr(kLibrary, &self) != 0 && self.dli_fname != nullptr) {
    const std::string path = self.dli_fname;
    const std::string beside = path.substr(0, path.rfind('/') + 1) + kLibrary;
    if (void* library = dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
}

Status Missing() {
  const char* const reason = dlerror();
  return {StatusCode::kNotFound, std::string("TLS needs ") + kLibrary +
                                     " beside libstacksampler.so: " +
                                     (reason != nullptr ? reason : "it is another version")};
}

}  // namespace

Result<std::shared_ptr<const http::TlsServer>> OpenTlsServer(const std::string& certificate_file,
                                                             const std::string& key_file) {
  void* const library = Load();
  if (library == nullptr) return Missing();
  const auto open = reinterpret_cast<decltype(&stacksampler_tls_open_server)>(
      dlsym(library, "stacksampler_tls_open_server"));
  if (open == nullptr) return Missing();
  http::OpenedTlsServer opened;
  open(certificate_file, key_file, &opened);
  return *std::move(opened);
}

}  // namespace stacksampler::endpoint
