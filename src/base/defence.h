// SPDX-License-Identifier: MIT
//
// Purpose: names of those defences that one line of code makes, so that a test can leave one out and
//   see the attack succeed. What we ship has no switch: there Stands() is the constant true.
// Thread safety: any thread.
// Signal safety: async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_BASE_DEFENCE_H_
#define STACKSAMPLER_BASE_DEFENCE_H_

namespace stacksampler {

enum class Defence {
  kToken,          // a server that has one asks for it
  kHostNames,      // a server answers under its own names alone
  kBodies,         // a request with a body is refused
  kOtherSites,     // other sites' pages move no cursor
  kInflatedBytes,  // an answer is inflated up to a bound
  kMarkup,         // names in JSON hold no markup
  kHomes,          // home directories are left out
  kSealedBytes,    // stored blocks carry the checksum of their bytes
};

#ifdef STACKSAMPLER_SWITCHABLE_DEFENCES
bool Stands(Defence defence);  // the test's own
#else
constexpr bool Stands(Defence) { return true; }
#endif

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_DEFENCE_H_
