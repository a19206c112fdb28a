// SPDX-License-Identifier: MIT
//
// Purpose: gzip with a bound on both sides, over zlib. Not part of the sampler core.
// Errors: kDataLoss for bytes that are not gzip, kResourceExhausted past `max_bytes`.
#ifndef STACKSAMPLER_BASE_GZIP_H_
#define STACKSAMPLER_BASE_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler {

[[nodiscard]] bool LooksGzipped(std::string_view bytes);
std::string GzipCompress(std::string_view bytes, int level = 6);
Result<std::string> GzipDecompress(std::string_view bytes, size_t max_bytes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_GZIP_H_
