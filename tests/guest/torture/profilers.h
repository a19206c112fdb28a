// SPDX-License-Identifier: MIT
//
// Purpose: what runs beside the torture: the project's sampler, started once or over and over, or a
//   peer as a control. gperftools comes by LD_PRELOAD and needs nothing here.
// Errors: std::runtime_error with the reason.
#ifndef STACKSAMPLER_TESTS_GUEST_TORTURE_PROFILERS_H_
#define STACKSAMPLER_TESTS_GUEST_TORTURE_PROFILERS_H_

#include <memory>
#include <string>

#include "guest/torture/shared.h"

namespace stacksampler::torture {

class Profiler {
 public:
  virtual ~Profiler() = default;
  /// A turn of the main thread, between which it sleeps.
  virtual void Turn() = 0;
  /// Ends the sampling and fills in the counts.
  virtual void Finish(Shared* shared) = 0;
};

/// "none", "stacksampler", "stacksampler-restarted" or "libgcc"; null for any other name.
std::unique_ptr<Profiler> StartProfiler(const std::string& name);

}  // namespace stacksampler::torture

#endif  // STACKSAMPLER_TESTS_GUEST_TORTURE_PROFILERS_H_
