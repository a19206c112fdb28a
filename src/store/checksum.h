// SPDX-License-Identifier: MIT
//
// Purpose: the store's one checksum (XXH3, 64 bits), and texts and blocks that carry it.
// Thread safety: free functions over values.
// Errors: kDataLoss for what does not carry the checksum of its bytes.
#ifndef STACKSAMPLER_STORE_CHECKSUM_H_
#define STACKSAMPLER_STORE_CHECKSUM_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler::store {

uint64_t Checksum(std::string_view bytes, uint64_t seed = 0);

/// `text` with "check <16 hex digits>" and a newline after it.
std::string WithCheck(std::string text);
/// The text before its check.
Result<std::string> StripCheck(std::string_view text);

/// A block is checksum (8 bytes, seeded with the key's, so that a value cannot answer for another
/// key), then one zstd frame.
std::string PackBlock(std::string_view key, std::string_view payload);
Result<std::string> UnpackBlock(std::string_view key, std::string_view block);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CHECKSUM_H_
