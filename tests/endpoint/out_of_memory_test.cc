// SPDX-License-Identifier: MIT
// Memory that ends while a reader is opened leaves none of the sampler's that nobody knows.
#include <new>

#include "endpoint/readers.h"
#include "support/catch.h"
#include "support/ending_memory.h"

namespace stacksampler::endpoint {
namespace {

WindowRequest Request() {
  WindowRequest request;
  request.reader = "collector-of-the-second-machine";  // too long to be kept in place
  return request;
}

// With one allocation more each time, until it succeeds. How many attempts failed.
int ReadWithLittleMemory(Readers* readers) {
  for (int allocations = 0;; ++allocations) {
    const WindowRequest request = Request();
    try {
      allocations_left = allocations;
      const bool is_read = readers->Read(request).ok();
      allocations_left = -1;
      if (is_read) return allocations;
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
    }
  }
}

}  // namespace

TEST_CASE("Readers: where memory ends, no reader stays in the sampler that nobody can close") {
  const auto sampler = *Sampler::Start();
  volatile uint64_t sink = 0;
  while (sampler->Stats().delivered_weight < 20) sink = sink + 1;
  REQUIRE(sampler->Stop().ok());
  const uint64_t before = sampler->Stats().memory_windows;
  Readers patient(sampler);
  REQUIRE(patient.Read(Request()).ok());
  const uint64_t of_one = sampler->Stats().memory_windows - before;
  CHECK(of_one > 0);
  Readers readers(sampler);
  CHECK(ReadWithLittleMemory(&readers) >= 2);
  CHECK(sampler->Stats().memory_windows == before + 2 * of_one);
}

}  // namespace stacksampler::endpoint
