/* SPDX-License-Identifier: MIT */
/*
 * Purpose: the umbrella. C++ gets everything; C gets c_api.h.
 *     #include <stacksampler/stacksampler.h>
 *     stacksampler::run_profiler();          // then: curl localhost:16384
 */
#ifndef STACKSAMPLER_STACKSAMPLER_H_
#define STACKSAMPLER_STACKSAMPLER_H_

#include "stacksampler/c_api.h"

#ifdef __cplusplus
#include "stacksampler/cpu_profiler.h"
#include "stacksampler/cpuprofile.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "stacksampler/profile.h"
#include "stacksampler/profile_server.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"
#include "stacksampler/thread.h"
#include "stacksampler/version.h"
#endif

#endif /* STACKSAMPLER_STACKSAMPLER_H_ */
