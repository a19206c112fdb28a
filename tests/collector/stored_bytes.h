// SPDX-License-Identifier: MIT
//
// Purpose: everything that a store holds, to be searched: names and bytes of its files, and what is
//   compressed in them.
#ifndef STACKSAMPLER_TESTS_COLLECTOR_STORED_BYTES_H_
#define STACKSAMPLER_TESTS_COLLECTOR_STORED_BYTES_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "store/checksum.h"
#include "store/gdbm_file.h"
#include "support/catch.h"

namespace stacksampler::collector {

/// What the blocks of a gdbm file hold.
inline std::string UnpackedBlocks(const std::string& path) {
  auto file = store::GdbmFile::Open(path);
  REQUIRE(file.ok());
  std::string bytes;
  std::optional<std::string> key;
  for (auto more = file->NextKey(&key); more.ok() && *more; more = file->NextKey(&key)) {
    const auto value = file->Get(*key);
    REQUIRE(value.ok());
    const auto block = store::UnpackBlock(*key, *value);
    REQUIRE((block.ok() || *key == "meta"));
    bytes += *key + '\n' + (block.ok() ? *block : *value) + '\n';
  }
  return bytes;
}

inline std::string StoredBytes(const std::string& dir) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes += entry.path().filename().string() + '\n';
    bytes.append(std::istreambuf_iterator<char>(file), {});
    if (entry.path().extension() == ".gdbm") bytes += UnpackedBlocks(entry.path().string());
  }
  return bytes;
}

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_TESTS_COLLECTOR_STORED_BYTES_H_
