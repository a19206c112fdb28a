// SPDX-License-Identifier: MIT
//
// Purpose: what every store is tested through. The same cases (conformance_test.cc) are linked with
//   one kind of store after another.
#ifndef STACKSAMPLER_TESTS_STORE_CONFORMANCE_H_
#define STACKSAMPLER_TESTS_STORE_CONFORMANCE_H_

#include <memory>
#include <string>
#include <vector>

#include "store/profile_store.h"

namespace stacksampler::store {

/// A store, empty at first, that goes with this.
class StoreUnderTest {
 public:
  StoreUnderTest() = default;
  StoreUnderTest(const StoreUnderTest&) = delete;
  StoreUnderTest& operator=(const StoreUnderTest&) = delete;
  virtual ~StoreUnderTest() = default;
  /// REQUIRES: what it gave before is gone. What was appended is read for sure after Seal().
  virtual std::unique_ptr<StoreWriter> Write() = 0;
  virtual std::unique_ptr<StoreReader> Read() = 0;
};

/// The kinds that this program was linked with.
std::vector<std::string> StoreKinds();
std::unique_ptr<StoreUnderTest> MakeStore(const std::string& kind);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_CONFORMANCE_H_
