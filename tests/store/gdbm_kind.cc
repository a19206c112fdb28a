// SPDX-License-Identifier: MIT
#include "store/conformance.h"
#include "store/store_support.h"

namespace stacksampler::store {
namespace {

class Directory : public StoreUnderTest {
 public:
  std::unique_ptr<StoreWriter> Write() override { return MustWrite(dir_.path("db"), {}); }
  std::unique_ptr<StoreReader> Read() override { return MustRead(dir_.path("db")); }

 private:
  const TempDir dir_;
};

}  // namespace

std::vector<std::string> StoreKinds() { return {"a directory"}; }

std::unique_ptr<StoreUnderTest> MakeStore(const std::string& /*kind*/) {
  return std::make_unique<Directory>();
}

}  // namespace stacksampler::store
