/* SPDX-License-Identifier: MIT */
/*
 * Purpose: the two calls for C programs.
 * Thread safety: may be called from any thread.
 * Signal safety: not async-signal-safe.
 * Errors: 0 is success; else a negative code, one line in the log, and stacksampler_last_error().
 */
#ifndef STACKSAMPLER_C_API_H_
#define STACKSAMPLER_C_API_H_

#include "stacksampler/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Starts sampling and the endpoint, and returns at once. host NULL means loopback; port 0 means
 * 16384; host "unix:/run/app.sock" means a unix socket, whatever the port. */
STACKSAMPLER_EXPORT int stacksampler_run_profiler(const char* host, int port);
/* The same, by the environment: STACKSAMPLER_ADDR, _ALLOWED_HOSTS, _TOKEN_FILE, _TLS_CERT,
 * _TLS_KEY, _HZ, _MODE and _LABELS. */
STACKSAMPLER_EXPORT int stacksampler_run_profiler_env(void);
/* Stops both and leaves the process as it was. */
STACKSAMPLER_EXPORT int stacksampler_stop_profiler(void);
/* Message of this thread's last failed call, "" when none failed. Valid until this thread's next
 * call. */
STACKSAMPLER_EXPORT const char* stacksampler_last_error(void);

#ifdef __cplusplus
}
#endif

#endif /* STACKSAMPLER_C_API_H_ */
