// SPDX-License-Identifier: MIT
//
// Purpose: which endpoints are polled: every host with every port, as the original's --host and
//   --ports say it.
// Errors: kInvalidArgument naming the text, its faulty part, and the three forms.
#ifndef STACKSAMPLER_COLLECTOR_TARGETS_H_
#define STACKSAMPLER_COLLECTOR_TARGETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "collector/redact.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::collector {

inline constexpr size_t kMaxTargets = 100'000;

struct Target {
  std::string host;   // without brackets, or "unix:/run/app.sock"
  uint16_t port = 0;  // 0 for a unix socket
  /// "16384..16390" when the port was given as one of a range, of which some may be empty; "" when
  /// it was named itself.
  std::string range = {};
  bool tls = false;  // "https://web-1:16384"

  /// {"host", ...}, {"port", ...}: the series that its windows are stored under. A unix socket is a
  /// port of this machine: {"host", "web-1"}, {"port", "unix:/run/app.sock"}.
  /// What the redactor takes out of a socket's path is not in it.
  [[nodiscard]] Labels AsLabels(const Redactor& redactor = Redactor()) const;
  /// "web-1:16384", "[::1]:16384", "https://web-1:16384", "unix:/run/app.sock".
  [[nodiscard]] std::string Name() const;
  /// Of its host and range.
  [[nodiscard]] std::string RangeName() const { return host + ' ' + range; }
};

struct Port {
  uint16_t number = 0;
  std::string range = {};  // as in Target
};

/// "16384", "1,2" or "16384..16390" (inclusive), and lists of those. Duplicates are taken once, in
/// order.
Result<std::vector<Port>> ParsePorts(const std::string& text);

/// Every host with every port, a unix socket by itself, and what names its port
/// ("https://web-1:443") with that alone; a host given twice counts once.
Result<std::vector<Target>> MakeTargets(const std::vector<std::string>& hosts,
                                        const std::string& ports);

/// kInvalidArgument when two sockets are one where the redactor has been over their paths: their
/// windows could not be told apart.
Status CheckDistinct(const std::vector<Target>& targets, const Redactor& redactor);

/// "2/4": the second of four collectors that poll the same list between them.
struct Share {
  uint64_t number = 1;
  uint64_t of = 1;
};
inline constexpr uint64_t kMaxShares = 10'000;
Result<Share> ParseShare(const std::string& text);
/// The targets of one share, in order: each target is in exactly one, the ports of a range
/// together, and the same on every machine.
std::vector<Target> OfShare(const std::vector<Target>& targets, const Share& share);

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_TARGETS_H_
