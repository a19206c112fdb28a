// SPDX-License-Identifier: MIT
//
// Purpose: what the targets of the store share: an input is a list of texts, each with its length
//   before it, which are put into a file together with the checksums that they would have. So what
//   is behind the checksums is reached, which whoever can write the store can forge.
#ifndef STACKSAMPLER_TESTS_FUZZ_STORE_BYTES_H_
#define STACKSAMPLER_TESTS_FUZZ_STORE_BYTES_H_

#include <string_view>
#include <vector>

#include "base/varint.h"
#include "fuzz/fuzz.h"
#include "store/gdbm_file.h"

namespace stacksampler::fuzz {

/// The texts of an input, up to the first that is cut off.
inline std::vector<std::string_view> TextsOf(std::string_view bytes) {
  std::vector<std::string_view> texts;
  for (ByteReader in(bytes); in.remaining() > 0;) {
    const std::string_view text = in.Text();
    if (in.ok()) texts.push_back(text);
  }
  return texts;
}

/// A gdbm file in memory of `texts`: keys and values by turns, the values as `pack(key, value)`
/// gives them. Of equal keys the first counts. The next call overwrites it.
template <typename Pack>
const std::string& GdbmOf(const std::vector<std::string_view>& texts, Pack pack) {
  const std::string& path = FileOf("");
  auto file = store::GdbmFile::Create(path);
  Promise(file.ok(), "a gdbm file can be made in memory");
  for (size_t i = 0; i + 1 < texts.size(); i += 2) {
    static_cast<void>(file->Put(texts[i], pack(texts[i], texts[i + 1])));
  }
  Promise(file->Finish().ok(), "a gdbm file can be closed");
  return path;
}

}  // namespace stacksampler::fuzz

#endif  // STACKSAMPLER_TESTS_FUZZ_STORE_BYTES_H_
