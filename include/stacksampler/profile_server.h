// SPDX-License-Identifier: MIT
//
// Purpose: the sampler with its HTTP endpoint: `curl localhost:16384` prints folded stacks.
// Thread safety: may be called from any thread.
// Signal safety: not async-signal-safe.
// Errors: a second call, a taken port, a taken SIGPROF: a Status naming it; logged once to stderr;
//   the host program goes on undisturbed.
#ifndef STACKSAMPLER_PROFILE_SERVER_H_
#define STACKSAMPLER_PROFILE_SERVER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/export.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler {

inline constexpr uint16_t kDefaultPort = 16384;

struct ProfilerOptions {
  // ---- Behaviour.
  /// Address to listen on. Anything but loopback is taken as asked for, with one warning when there
  /// is no token. "unix:/run/app.sock": a unix socket there (absolute path, at most 100 bytes) that
  /// only this user may connect to; ports mean nothing then.
  std::string host = "127.0.0.1";
  uint16_t port = kDefaultPort;
  /// Last port of a range; the first free one from `port` on is taken (prefork servers). 0 = just
  /// `port`.
  uint16_t last_port = 0;
  /// Names, beside "localhost", `host` and every IP address, under which the endpoint may be asked:
  /// any other may be a page of another site (DNS rebinding). One that listens beyond loopback
  /// knows the machine's own name.
  std::vector<std::string> allowed_hosts;
  /// File of one line of 16 to 512 visible characters: the token that every request must carry, as
  /// "Authorization: Bearer TOKEN" or as a browser's password. "": anybody is answered. Read once,
  /// at the start.
  std::string token_file;
  /// Files in PEM: a certificate, followed by those between it and its authority, and its key. With
  /// both the endpoint speaks TLS alone, by libstacksampler_tls.so; "": plain HTTP. Read once, at
  /// the start.
  std::string tls_cert_file;
  std::string tls_key_file;
  SamplerOptions sampler;
};

/// Starts sampling every thread, and the endpoint, and returns at once. Without arguments the
/// environment (STACKSAMPLER_ADDR=host:port[..port]|unix:/path|off,
/// STACKSAMPLER_ALLOWED_HOSTS=name,..., STACKSAMPLER_TOKEN_FILE=path, STACKSAMPLER_TLS_CERT=path,
/// STACKSAMPLER_TLS_KEY=path, STACKSAMPLER_HZ, STACKSAMPLER_MODE=cpu|wall,
/// STACKSAMPLER_LINES=function|running, STACKSAMPLER_LABELS) may change the defaults.
STACKSAMPLER_EXPORT ReportedStatus run_profiler();
STACKSAMPLER_EXPORT ReportedStatus run_profiler(const std::string& host,
                                                uint16_t port = kDefaultPort);
STACKSAMPLER_EXPORT ReportedStatus run_profiler(const ProfilerOptions& options);

/// Leaves signal table, mask, timers, descriptors and threads as they were. Ok when nothing runs.
STACKSAMPLER_EXPORT ReportedStatus stop_profiler();

/// Port that is being listened on, 0 when the endpoint does not run or has a unix socket.
STACKSAMPLER_EXPORT uint16_t profiler_port();

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_SERVER_H_
