// SPDX-License-Identifier: MIT
//
// A sealed file is a plain gdbm file: gdbm's own tool reads it.
#include <cstdio>
#include <memory>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe.get())) {
    output.append(buffer, got);
  }
  return output;
}

}  // namespace

TEST_CASE("Store: gdbmtool shows the totals of a sealed file") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), {});
  std::mt19937_64 random(3);
  for (uint64_t id = 1; id <= 10; ++id) {
    MustAppend(writer.get(), RandomWindow(&random, id, kNoon + static_cast<int64_t>(id)));
  }
  REQUIRE(writer->Seal().ok());
  const std::string file = dir.path("h-" + std::to_string(kNoon) + "-00000001.gdbm");
  const std::string meta = OutputOf("gdbmtool -r " + file + " fetch meta");
  INFO(meta);
  const Result<QueryResult> answer = MustRead(dir.path())->Merge({});
  CHECK(meta.find(" records 10 ") != std::string::npos);
  CHECK(meta.find(" weight " + std::to_string(answer->profile.TotalWeight()) + " ") !=
        std::string::npos);
  CHECK(meta.find(" cpu_ns " + std::to_string(answer->profile.TotalCpuNs()) + " ") !=
        std::string::npos);
  const std::string keys = OutputOf("gdbmtool -r " + file + " list");
  for (const char* key : {"dict", "ordered", "refs", "rows/0/", "total", "total/0"}) {
    INFO(key);
    CHECK(keys.find(key) != std::string::npos);
  }
}

}  // namespace stacksampler::store
