// SPDX-License-Identifier: MIT
#include "store/legacy_database.h"

#include <cstdint>

#include "store/gdbm_file.h"
#include "support/catch.h"

namespace stacksampler::store {

void WriteLegacy(const std::string& path, int polls, int polls_a_day) {
  std::string entries;
  for (int poll = 0; poll < polls; ++poll) {
    const int64_t time_s = 1'700'000'000 + poll * (int64_t{86'400} / polls_a_day);
    entries += "web:" + std::to_string(poll % 3) + ":" + std::to_string(time_s) + ":1 ";
  }
  Result<GdbmFile> file = GdbmFile::Create(path);
  REQUIRE(file.ok());
  REQUIRE(file->Put("main;a", entries).ok());
  REQUIRE(file->Put("main;b c", entries).ok());
  REQUIRE(file->Finish().ok());
}

}  // namespace stacksampler::store
