// SPDX-License-Identifier: MIT
#include "sampler/drain_thread.h"

#include <future>
#include <new>

#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

TEST_CASE("DrainThread: goes on after a tick that ran out of memory") {
  int ticks = 0;
  std::promise<void> went_on;
  DrainThread thread(std::chrono::milliseconds(1), DrainThread::Pace::kEven, [&] {
    if (++ticks == 1) throw std::bad_alloc();
    if (ticks == 2) went_on.set_value();
  });
  REQUIRE(thread.Start().ok());
  went_on.get_future().wait();
  thread.StopAndJoin();
  CHECK(ticks >= 2);
}

}  // namespace
}  // namespace stacksampler::sampling
