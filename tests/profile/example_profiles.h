// SPDX-License-Identifier: MIT
//
// Purpose: small profiles that hold everything the model can say, and what two profiles have in
//   common whatever their ids.
#ifndef STACKSAMPLER_TESTS_PROFILE_EXAMPLE_PROFILES_H_
#define STACKSAMPLER_TESTS_PROFILE_EXAMPLE_PROFILES_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler::tests {

/// Root first.
inline StackId InternStack(Profile* profile, std::initializer_list<std::string_view> names) {
  StackId stack = 0;
  for (const auto name : names) stack = profile->InternStack(stack, profile->InternFrame(name));
  return stack;
}

/// Two threads, two modules, inlined functions at the leaf and in the middle, a sample without
/// labels.
Profile RichProfile();

/// RichProfile() plus moments; the weight of one sample passes that of its moments.
Profile TimedProfile();

/// The moments a, b, a, a, a, 10 ms apart, under main.
Profile AbaaaProfile();

/// One line per sample and per moment with all that is known of it, sorted; head line with times
/// and period.
std::vector<std::string> Describe(const Profile& profile);

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_PROFILE_EXAMPLE_PROFILES_H_
