// SPDX-License-Identifier: MIT
//
// Purpose: good manners around fork(): SIGPROF is blocked in the forking thread, and the owner is
//   told before and after.
// Thread safety: Install may be called from any thread.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_FORK_GUARD_H_
#define STACKSAMPLER_SAMPLER_FORK_GUARD_H_

namespace stacksampler::sampling {

struct ForkHooks {
  void (*before)();
  void (*in_parent)();
  void (*in_child)();
};

/// The first call registers the hooks for good; later ones do nothing.
void InstallForkGuard(const ForkHooks& hooks);

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_FORK_GUARD_H_
