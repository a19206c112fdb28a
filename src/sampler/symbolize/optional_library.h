// SPDX-License-Identifier: MIT
//
// Purpose: functions of libraries that a program need not have: opened with the first call, by the
//   thread that asks for names, and never closed. In a statically linked program there is none
//   (no_optional_library.cc): there a dlopen() would load a second C library.
// Thread safety: any thread.
// Signal safety: not async-signal-safe.
// Errors: null where the library or the function is missing.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_OPTIONAL_LIBRARY_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_OPTIONAL_LIBRARY_H_

namespace stacksampler::symbolize {

class OptionalLibrary {
 public:
  explicit OptionalLibrary(const char* name);

  [[nodiscard]] bool ok() const { return handle_ != nullptr; }

  /// False, and *function null, when the library or the function is missing.
  template <typename Function>
  bool Find(const char* name, Function* function) const {
    *function = reinterpret_cast<Function>(Address(name));
    return *function != nullptr;
  }

 private:
  [[nodiscard]] void* Address(const char* name) const;

  void* handle_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_OPTIONAL_LIBRARY_H_
