// SPDX-License-Identifier: MIT
//
// Purpose: the text of a store's STORE file: the format's version, the store's id, and when the
//   file was born, which no copy can repeat.
// Thread safety: free functions over values.
// Signal safety: none.
// Errors: kDataLoss for what is damaged, kUnsupported for a newer version.
#ifndef STACKSAMPLER_STORE_STORE_FILE_H_
#define STACKSAMPLER_STORE_STORE_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler::store {

struct StoreText {
  std::string id;       // 16 hex digits
  int64_t born_ns = 0;  // of the file that the text was written into; 0: not known
  int version = 1;
};

std::string FormatStoreFile(const StoreText& text);
/// `path` is for errors.
Result<StoreText> ParseStoreFile(const std::string& path, std::string_view text);
/// What reads like an id in a STORE file whose check does not fit.
std::optional<std::string> FindStoreId(std::string_view text);

Result<std::string> NewStoreId();
/// When the open file was born; 0 where the file system does not tell.
int64_t BornNs(int fd);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_STORE_FILE_H_
