// SPDX-License-Identifier: MIT
//
// Purpose: the stacks of a profile once for each value of a label that they were sampled under.
// Thread safety: free functions, values.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_STACK_GROUPS_H_
#define STACKSAMPLER_PROFILE_STACK_GROUPS_H_

#include <string>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler {

struct StackGroups {
  /// As a profile's: 0 is the empty stack, a parent comes before its children. Those on stack 0 are
  /// the groups, whose frames come behind the profile's.
  std::vector<StackNode> stacks;
  std::vector<StackId> stack_of;   // by sample
  std::vector<std::string> names;  // of the groups
};

/// "[no thread]" where there is no such label.
[[nodiscard]] StackGroups GroupStacks(const Profile& profile, const std::string& label);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_STACK_GROUPS_H_
