// SPDX-License-Identifier: MIT
//
// Purpose: what the tests of --redact share: rules that must be good, and a profile with something to
//   take out in its names, paths and labels.
#ifndef STACKSAMPLER_TESTS_COLLECTOR_REDACT_SUPPORT_H_
#define STACKSAMPLER_TESTS_COLLECTOR_REDACT_SUPPORT_H_

#include <string>
#include <vector>

#include "collector/redact.h"
#include "support/catch.h"

namespace stacksampler::collector {

inline Redactor MustRead(const std::vector<std::string>& rules) {
  auto redactor = Redactor::Of(rules);
  INFO(redactor.status().message());
  REQUIRE(redactor.ok());
  return *std::move(redactor);
}

// main -> NAME, in a module, a file and a thread.
inline Profile AcmeProfile(const std::string& name, const std::string& mangled, int64_t weight) {
  Profile profile;
  profile.period_ns = 10;
  Frame frame;
  frame.name = profile.InternString(name);
  frame.mangled_name = profile.InternString(mangled);
  frame.mapping = profile.InternMapping("/opt/acme/libtrade.so", "ab01");
  frame.file = profile.InternString("/opt/acme/src/trade.cc");
  frame.line = 7;
  const StackId main = profile.InternStack(0, profile.InternFrame("main"));
  profile.AddSample(profile.InternStack(main, profile.InternFrame(frame)),
                    profile.InternLabels({{"thread", "acme-7"}}), weight, weight * 10);
  return profile;
}

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_TESTS_COLLECTOR_REDACT_SUPPORT_H_
