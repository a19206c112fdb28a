// SPDX-License-Identifier: MIT
//
// Purpose: marks what the shared libraries export; everything else is hidden.
#ifndef STACKSAMPLER_EXPORT_H_
#define STACKSAMPLER_EXPORT_H_

#if defined(__GNUC__)
#define STACKSAMPLER_EXPORT __attribute__((visibility("default")))
#else
#define STACKSAMPLER_EXPORT
#endif

#endif  // STACKSAMPLER_EXPORT_H_
