// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include "fuzz/fuzz.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMaxBytes = 1 << 20;
  const std::string_view bytes = fuzz::AsText(data, size);
  const auto undone = GzipDecompress(bytes, kMaxBytes);
  fuzz::Promise(!undone.ok() || undone->size() <= kMaxBytes, "what is undone is bounded");
  const auto same = GzipDecompress(GzipCompress(bytes), size);
  fuzz::Promise(same.ok() && *same == bytes, "gzip keeps every byte");
  return 0;
}
